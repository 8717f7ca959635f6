"""Photographs of slips: why a person said what they said of a payment. Kept by their digest, never changed."""

import errno
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from edge_hub.errors import Invalid, NotFound, Unavailable, fault

PHOTO_BYTES_MAX = 4 << 20
PHOTO_TYPES = ("image/jpeg", "image/png")
DISK_FREE_BYTES_MIN = 512 << 20
"""Left to the journal, which has nothing to sell with on a full disk: photographs stop before."""
FOLDER_MODE = 0o700
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class PhotoInvalid(Invalid):
    """No JPEG and no PNG, or larger than PHOTO_BYTES_MAX."""

    code = "photo-invalid"
    title = "This is not a photograph that the hub can keep (JPEG or PNG, at most 4 MB)."


class PhotoNotFound(NotFound):
    """No photograph has this digest."""

    code = "photo-not-found"
    title = "There is no such photograph."


class PhotoNotKept(Unavailable):
    """The disk did not take it."""

    code = "photo-not-kept"
    title = "The hub's disk did not take the photograph. Try again, or write down the slip's number."


class Photos:
    """A folder of pictures. Its methods block: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> str:
        """The picture's SHA-256 as hex, once it is durable. Raises PhotoInvalid, PhotoNotKept."""
        if len(data) > PHOTO_BYTES_MAX or not data.startswith(_MAGIC):
            raise PhotoInvalid(faults=(fault("", "photo", "is no JPEG or PNG of at most 4 MB", why="no-photo"),))
        digest = hashlib.sha256(data).hexdigest()
        path = self._folder / digest
        if not path.exists():
            try:
                self._write(path, data)
            except OSError as error:
                raise PhotoNotKept(error.strerror or "") from error
        return digest

    def get(self, digest: str) -> bytes:
        """The picture. Raises PhotoNotFound."""
        if not _DIGEST.fullmatch(digest):
            raise PhotoNotFound(photo=digest)
        try:
            return (self._folder / digest).read_bytes()
        except OSError:
            raise PhotoNotFound(photo=digest) from None

    def _write(self, path: Path, data: bytes) -> None:
        self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free - len(data) < DISK_FREE_BYTES_MIN:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        # a name of its own: the same picture may be on its way twice
        handle, name = tempfile.mkstemp(suffix=".new", dir=self._folder)
        partial = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def media_type(data: bytes) -> str:
    """What kind of picture it is."""
    return PHOTO_TYPES[not data.startswith(_MAGIC[0])]
