"""How a process of the hub holds memory: few arenas, large blocks given back, the collector at ease once it stands."""

import ctypes
import gc

YOUNG_OBJECTS_MAX = 20_000
"""Containers made (less those freed) before the collector looks at the young ones: about a hundred requests' worth.
Python's own 700 made it look after every third request: a fifth of the loop's time.
"""
LARGE_BLOCK_BYTES = 256 * 1024
ARENAS_MAX = 2
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""malloc.h of glibc; mallopt(3)."""


def frugal() -> None:
    """Call first, before anything heavy is imported. Blocks of a quarter megabyte and more go back to the system when
    they are freed (glibc would raise that limit to the 19 MB a PIN's hash takes, and keep them), and threads share two
    heaps. Until `settle` nothing is collected: what loading makes stays, and the collector looked through all of it
    again and again, an eighth of the start.
    """
    gc.disable()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc's
        libc.mallopt(_M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)
        libc.mallopt(_M_ARENA_MAX, ARENAS_MAX)


def share() -> None:
    """Call before a fork: what is loaded is left alone by both collectors, so that its pages stay shared."""
    gc.collect()
    gc.freeze()


def settle() -> None:
    """Call when everything is loaded: modules and models are never garbage, and walking them took 30 ms at a time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS_MAX, 10, 10)
    gc.enable()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)  # what starting needed and running does not
