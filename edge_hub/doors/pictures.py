"""Pictures of other programs as blocks of a document: bounded, black and white, none cut off at the bottom."""

import base64
import binascii
import io
import warnings

from PIL import Image, UnidentifiedImageError

from edge_hub.sdk.document import Align, Picture
from edge_hub.sdk.raster import PICTURE_HEIGHT_DOTS_MAX

PIXELS_MAX = 12_000_000
FORMATS = ("PNG", "JPEG")


class BadPicture(Exception):
    """The bytes are no picture, or too large a one; the text says which."""


def bands(width: int, height: int, rows: bytes, align: Align) -> list[Picture]:
    """1-bit rows as pictures of a height that is printed whole."""
    stride = (width + 7) // 8
    return [
        Picture(
            width=width,
            height=min(PICTURE_HEIGHT_DOTS_MAX, height - top),
            rows=rows[top * stride : (top + PICTURE_HEIGHT_DOTS_MAX) * stride],
            align=align,
        )
        for top in range(0, height, PICTURE_HEIGHT_DOTS_MAX)
    ]


def decoded(text: str, *, dots: int) -> list[Picture]:
    """A base64 PNG or JPEG, made as narrow as the paper. Takes tenths of a second: call it in a thread.

    Raises BadPicture.
    """
    try:
        data = base64.b64decode(text, validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data), formats=FORMATS)
        with opened:
            if opened.width * opened.height > PIXELS_MAX:
                raise BadPicture(f"a picture of {opened.width} x {opened.height} dots is too large")
            grey = _on_white(opened)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise BadPicture("the picture is too large") from error
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadPicture("these bytes are not a picture in PNG or JPEG") from error
    if grey.width > dots:
        grey = grey.resize((dots, max(1, grey.height * dots // grey.width)))
    ink = grey.point(lambda value: 255 - value).convert("1")
    return bands(ink.width, ink.height, ink.tobytes(), Align.CENTER)


def _on_white(picture: Image.Image) -> Image.Image:
    """In grey, as it looks on paper. What lets nothing through needs half the memory."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("L")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("L")
