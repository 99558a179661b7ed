"""Photos, scans and PDFs, opened with care: the content says what a file is, and memory is bounded.

A picture comes from a scanner that anybody may feed. Its bytes, its pixels and its pages are looked at before
they are unpacked; what is too much, broken or something else is refused with a clear message.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import numpy as np
import pi_heif
import pypdfium2
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from adapters.mailroom.scans import KINDS, LONGEST_FILE, ImageError

pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)

MOST_PIXELS = 80_000_000
"""Of one page before it is made smaller: A4 at 800 dpi. Unpacked that is 320 MB. A process that opens it uses
450 MB for a PNG or a scanner's TIFF, 720 for a progressive JPEG, 950 at most: a turned TIFF in one strip."""
MOST_PAGES = 50
LONGEST_SIDE = 2600
"""Pixels that are kept: 220 dpi on the long side of A4; a reader sees no more in more."""
SHORTEST_SIDE = 120
"""Pixels, of what is kept: under them no address can be read."""
PDF_DPI = 200
_BAND = 4_000_000
"""Pixels that are made smaller at a time: a copy of a whole page would double its memory."""

Picture = NDArray[np.uint8]
"""Height x width x 3, red green blue, 0 to 255."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"%PDF-", "PDF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
)


def open_pages(data: bytes) -> Iterator[Picture]:
    """The pages of a photo, scan or PDF, the right way up as the camera noted it, one at a time.

    Raises ImageError.
    """
    if len(data) > LONGEST_FILE:
        raise ImageError(f"longer than {LONGEST_FILE // 1024 // 1024} MB")
    kind = _kind(data)
    if kind is None:
        raise ImageError(f"not a {KINDS}")
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


def _kind(data: bytes) -> str | None:
    """What a file is, by its first bytes."""
    if data[4:8] == b"ftyp":
        brands = data[8 : min(data[3], 64)]  # "AVIF", section 6; of ISO/IEC 23008-12 everything else
        return "AVIF" if b"avif" in brands or b"avis" in brands else "HEIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)


def _image_pages(data: bytes, kind: str) -> Iterator[Picture]:
    with _opened(data, kind) as image:
        _check_size(*image.size)
        count = 1 if kind == "JPEG" else _count(image)  # a phone's JPEG carries its own preview
    if count > MOST_PAGES:
        raise ImageError(f"more than {MOST_PAGES} pages")
    for page in range(count):
        with _opened(data, kind) as image:  # anew: while a page is read its memory is free
            image.seek(page)
            _check_size(*image.size)
            if kind == "JPEG":
                image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # unpacked smaller at once
            picture = _picture(image)
        yield picture


@contextmanager
def _opened(data: bytes, kind: str) -> Iterator[Image.Image]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(BytesIO(data), formats=[kind])
        except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise ImageError("broken, or far too large to unpack") from None
        with image:
            yield image


def _count(image: Image.Image) -> int:
    """Its pages, up to one more than are taken: a small file can list hundreds of thousands."""
    for page in range(1, MOST_PAGES + 1):
        try:
            image.seek(page)
        except EOFError:
            return page
    return MOST_PAGES + 1


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
    if min(width, height) * min(1, LONGEST_SIDE / max(width, height)) < SHORTEST_SIDE:
        raise ImageError(f"smaller than {SHORTEST_SIDE} pixels: nothing can be read on it")


def _picture(image: Image.Image) -> Picture:
    """Made smaller first, everything else after it."""
    _check_size(*image.size)
    image.load()
    factor = max(1, max(image.size) // LONGEST_SIDE)
    white = _brightest(image, factor) if _is_deep(image) else 255
    small = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for top, band in _bands(image, factor):
        small.paste(_on_paper(band, white).reduce(factor), (0, top // factor))
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    small.getexif()[ExifTags.Base.Orientation] = image.getexif().get(ExifTags.Base.Orientation, 1)
    return np.asarray(ImageOps.exif_transpose(small), dtype=np.uint8)


def _bands(image: Image.Image, factor: int) -> Iterator[tuple[int, Image.Image]]:
    """Where each begins, and the rows from there: a multiple of the factor."""
    rows = factor * max(1, _BAND // (image.width * factor))
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _brightest(image: Image.Image, factor: int) -> float:
    return max(float(np.asarray(band).max()) for _, band in _bands(image, factor))


def _on_paper(image: Image.Image, white: float) -> Image.Image:
    """In 8 bits a colour, `white` the brightest; what is transparent lies on white paper."""
    if _is_deep(image):
        grey = np.rint(np.asarray(image, dtype=np.float32) * (255 / white if white > 0 else 0))
        return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    return image.convert("RGB")


def _is_deep(image: Image.Image) -> bool:
    """Whether it has one grey of more than 8 bits, which a scanner may fill or not."""
    return image.mode.startswith(("I", "F"))
