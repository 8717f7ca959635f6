"""A page that another program wrote, as pieces for this printer."""

from edge_hub.sdk.escpos import WITHHELD, CommandStream
from edge_hub.sdk.printing.render import PIECE_BYTES


def raw_pieces(data: bytes, reset: bytes) -> list[bytes]:
    """Pieces that end between two commands; never empty. What is withheld is left out, and so is a command cut short.

    `reset` stands for each ESC @: it switches Status Back off, without which the printer would not say that its paper
    ran out.
    """
    pieces, held = [], bytearray()
    for token, raw in CommandStream().feed(data):
        if token.name in WITHHELD:
            continue
        held += reset if token.name == "ESC @" else raw
        if len(held) >= PIECE_BYTES:
            pieces.append(bytes(held))
            held.clear()
    return [*pieces, bytes(held)]
