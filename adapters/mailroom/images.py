"""Photos, scans and PDFs, opened with care: the content says what a file is, and memory is bounded.

A picture comes from a scanner that anybody may feed. Its bytes, its pixels and its pages are looked at before
they are unpacked; what is too much, broken or something else is refused with a clear message.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

LONGEST_FILE = 40 * 1024 * 1024
"""Bytes: a page of A4 in colour at 600 dpi, hardly compressed."""
MOST_PIXELS = 80_000_000
"""Of one page before it is made smaller: A4 at 800 dpi. Unpacked that is 240 MB, and no more at any time."""
MOST_PAGES = 50
LONGEST_SIDE = 2600
"""Pixels that are kept: 220 dpi on the long side of A4; a reader sees no more in more."""
SHORTEST_SIDE = 120
"""Pixels: under them no address can be read."""
PDF_DPI = 200

Picture = NDArray[np.uint8]
"""Height x width x 3, red green blue, 0 to 255."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"%PDF-", "PDF"),
)


class ImageError(ValueError):
    """A file that cannot be used as a picture; the text says why and holds nothing of it."""


def open_pages(data: bytes) -> Iterator[Picture]:
    """The pages of a photo, scan, PDF or TIFF, the right way up as the camera noted it, one at a time.

    Raises ImageError.
    """
    if len(data) > LONGEST_FILE:
        raise ImageError(f"longer than {LONGEST_FILE // 1024 // 1024} MB")
    kind = next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)
    if kind is None:
        raise ImageError("not a JPEG, PNG, TIFF or PDF")
    try:
        if kind == "PDF":
            yield from _pdf_pages(data)
        else:
            yield from _image_pages(data, kind)
    except ImageError:
        raise
    except MemoryError:
        raise ImageError("needs too much memory") from None
    except Exception:  # of half a dozen decoders, each with errors of its own
        raise ImageError("broken: it cannot be read to its end") from None


def _image_pages(data: bytes, kind: str) -> Iterator[Picture]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(BytesIO(data), formats=[kind])
        except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise ImageError("broken, or far too large to unpack") from None
        with image:
            count = getattr(image, "n_frames", 1)
            if count > MOST_PAGES:
                raise ImageError(f"more than {MOST_PAGES} pages")
            for page in range(count):
                image.seek(page)
                _check_size(*image.size)
                if kind == "JPEG":
                    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # unpacked smaller at once
                yield _picture(ImageOps.exif_transpose(image))


def _pdf_pages(data: bytes) -> Iterator[Picture]:
    document = pypdfium2.PdfDocument(data)
    try:
        if len(document) > MOST_PAGES:
            raise ImageError(f"more than {MOST_PAGES} pages")
        for number in range(len(document)):
            page = document[number]
            width, height = page.get_size()  # points, 72 an inch
            if not (0 < width < 20_000 and 0 < height < 20_000):
                raise ImageError("a page of an impossible size")
            scale = min(PDF_DPI / 72, LONGEST_SIDE / max(width, height))
            bitmap = page.render(scale=scale)
            yield _picture(bitmap.to_pil())
            page.close()
    finally:
        document.close()


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise ImageError(f"more than {MOST_PIXELS // 1_000_000} million pixels")
    if min(width, height) < SHORTEST_SIDE:
        raise ImageError(f"smaller than {SHORTEST_SIDE} pixels: nothing can be read on it")


def _picture(image: Image.Image) -> Picture:
    _check_size(*image.size)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        image = Image.alpha_composite(paper, layered)
    return np.asarray(image.convert("RGB"), dtype=np.uint8)
