"""Pictures are opened for what they are; what is broken, huge or disguised is refused."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from adapters.mailroom.blank import is_blank
from adapters.mailroom.images import LONGEST_SIDE, open_pages
from adapters.mailroom.scans import LONGEST_FILE, ImageError
from tests.adapters.mailroom.drawing import encoded, envelope, pixels

HEIC = Path(__file__).with_name("envelope.heic").read_bytes()
"""Two pictures as a telephone keeps them: an envelope to 7 Quarry Lane, 900 x 500, and a blank, 300 x 200."""


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "AVIF", "WEBP", "GIF", "BMP"])
def test_a_picture_is_opened(kind: str) -> None:
    (page,) = open_pages(encoded(envelope(), kind))
    assert page.shape == (850, 1500, 3)
    assert page.dtype == np.uint8


def test_every_page_of_a_tiff_and_of_a_pdf_is_opened() -> None:
    images = [envelope(), envelope(size=(900, 700))]
    tiff = encoded(images[0], "TIFF", save_all=True, append_images=images[1:])
    assert [page.shape[:2] for page in open_pages(tiff)] == [(850, 1500), (700, 900)]
    pdf = encoded(images[0], "PDF", save_all=True, append_images=images[1:], resolution=200)
    assert [page.shape[:2] for page in open_pages(pdf)] == [(850, 1500), (700, 900)]


@pytest.mark.parametrize("kind", ["AVIF", "WEBP", "GIF", "PNG"])
def test_every_picture_of_a_moving_one_is_a_page(kind: str) -> None:
    moving = encoded(envelope(), kind, save_all=True, append_images=[envelope(())])
    assert [page.shape for page in open_pages(moving)] == [(850, 1500, 3)] * 2


def test_a_telephones_photo_is_opened_with_every_picture_in_it() -> None:
    front, back = open_pages(HEIC)
    assert (front.shape, back.shape) == ((500, 900, 3), (200, 300, 3))
    assert is_blank(back)
    assert not is_blank(front)


def test_a_photo_is_turned_as_the_camera_noted() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    (page,) = open_pages(encoded(envelope(), "JPEG", exif=exif.tobytes()))
    assert page.shape[:2] == (1500, 850)


def test_a_large_photo_is_made_smaller() -> None:
    (page,) = open_pages(encoded(Image.new("RGB", (6000, 4000), "white"), "JPEG"))
    assert max(page.shape) <= LONGEST_SIDE


def test_what_is_transparent_is_paper() -> None:
    (page,) = open_pages(encoded(Image.new("RGBA", (400, 300), (0, 0, 0, 0))))
    assert page.min() == 255


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_a_picture_looks_the_same_however_its_colours_are_kept(mode: str) -> None:
    grey = Image.new("L", (6000, 4000), 255)
    grey.paste(0, (600, 400, 3000, 3600))
    image = (
        Image.fromarray(np.asarray(grey).astype(np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    )
    (page,) = open_pages(encoded(image))
    assert page.shape == (1733, 2600, 3)
    assert (page[:150].min(), page[200:1500, 280:1280].max(), page[200:1500, 1320:].min()) == (255, 0, 255)


@pytest.mark.parametrize("brightest", [255, 4095, 52_000])
@pytest.mark.parametrize(
    ("kind", "values"), [("PNG", "<u2"), ("TIFF", "<u2"), ("TIFF", ">u2"), ("TIFF", "<i4"), ("TIFF", "<f4")]
)
def test_a_scan_of_more_than_eight_bits_keeps_its_ink(kind: str, values: str, brightest: int) -> None:
    drawn = np.asarray(envelope().convert("L")) > 128
    deep = np.where(drawn, brightest, brightest // 6).astype(values)
    (page,) = open_pages(encoded(Image.fromarray(deep), kind))
    assert np.array_equal(page[:, :, 0] > 128, drawn)
    assert page.max() == 255
    assert page.min() == pytest.approx(255 / 6, abs=1)


def test_the_preview_in_a_phones_jpeg_is_no_page() -> None:
    preview = envelope(size=(160, 90))
    (page,) = open_pages(encoded(envelope(), "MPO", save_all=True, append_images=[preview]))
    assert page.shape == (850, 1500, 3)


def frames(count: int) -> list[Image.Image]:
    return [Image.new("L", (200, 150), shade) for shade in range(count)]


REFUSED = {
    "nothing": (b"", "not a JPEG"),
    "a web page": (b"<html><img></html>", "not a JPEG"),
    "a program": (b"\x7fELF" + b"\x00" * 500, "not a JPEG"),
    "an archive": (b"PK\x03\x04" + b"\x00" * 500, "not a JPEG"),
    "half a JPEG": (encoded(envelope(), "JPEG")[:3000], "broken"),
    "half a PNG": (encoded(envelope())[:3000], "broken"),
    "half a HEIC": (HEIC[:1500], "broken"),
    "nearly a HEIC": (HEIC[:-20], "broken"),
    "half an AVIF": (encoded(envelope(), "AVIF")[:3000], "broken"),
    "half a WebP": (encoded(envelope(), "WEBP")[:3000], "broken"),
    "half a GIF": (encoded(envelope(), "GIF")[:3000], "broken"),
    "half a BMP": (encoded(envelope(), "BMP")[:3000], "broken"),
    "a video": (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 500, "broken"),
    "more pictures than pages": (
        encoded(envelope(size=(200, 150)), "GIF", save_all=True, append_images=frames(60)),
        "more than 50 pages",
    ),
    "a PNG by its first bytes": (b"\x89PNG\r\n\x1a\n" + b"nonsense" * 50, "broken"),
    "a PDF by its first bytes": (b"%PDF-1.7\n" + b"nonsense" * 50, "broken"),
    "a TIFF that leads in circles": (b"II*\x00\x08\x00\x00\x00" + b"\xff" * 64, "broken"),
    "a stamp": (encoded(Image.new("RGB", (60, 60), "white")), "smaller than"),
    "a thread": (encoded(Image.new("RGB", (26_000, 200), "white")), "smaller than"),
    "far too long": (b"\xff\xd8\xff" + b"\x00" * LONGEST_FILE, "longer than"),
}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_picture_is_refused_with_why(data: bytes, why: str) -> None:
    with pytest.raises(ImageError, match=why):
        list(open_pages(data))


def png(width: int, height: int, rows: bytes, colour: int = 2, depth: int = 8) -> bytes:
    """A PNG of a few kilobytes; `colour` is 0 for grey, 2 for RGB, 6 for RGBA."""

    def chunk(name: bytes, body: bytes) -> bytes:
        whole = name + body
        return struct.pack(">I", len(body)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb(width: int, height: int) -> bytes:
    """It says that it is enormous."""
    return png(width, height, zlib.compress(b"\x00" * 2_000_000, 9))


def black(colour: int, depth: int) -> bytes:
    """As many pixels as are taken, all there."""
    side = 8_900
    row = bytes(1 + side * {0: 1, 2: 3, 6: 4}[colour] * depth // 8)
    packing = zlib.compressobj(1)
    rows = b"".join([*(packing.compress(row) for _ in range(side)), packing.flush()])
    return png(side, side, rows, colour, depth)


@pytest.mark.parametrize("size", [(60_000, 60_000), (2_000_000_000, 3), (12_000, 9_000)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError):
        list(open_pages(bomb(*size)))


def directories(count: int) -> bytes:
    """A TIFF of so many pages, which all are the same strip."""
    strip = b"\xff" * 40_000
    tags = [
        (256, 200),
        (257, 200),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, 200),
        (279, len(strip)),
    ]
    body = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags
    )
    first, size = 8 + len(strip), len(body) + 4
    places = [*(first + size * number for number in range(1, count)), 0]
    return (
        b"II*\x00"
        + struct.pack("<I", first)
        + strip
        + b"".join(body + struct.pack("<I", at) for at in places)
    )


def test_a_file_of_too_many_pages_is_refused_without_counting_them() -> None:
    assert len(list(open_pages(directories(50)))) == 50
    with pytest.raises(ImageError, match="more than 50 pages"):
        list(open_pages(directories(51)))
    many = directories(300_000)
    began = time.process_time()
    with pytest.raises(ImageError, match="more than 50 pages"):
        list(open_pages(many))
    assert time.process_time() - began < 1


def peak(folder: Path) -> int:
    """Megabytes that opening what lies in a folder takes at most, in a process of its own."""
    program = (
        "import re, sys, pathlib\n"
        "from adapters.mailroom.images import open_pages\n"
        "from adapters.mailroom.scans import ImageError\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    try: list(open_pages(path.read_bytes()))\n"
        "    except ImageError: pass\n"
        "said = pathlib.Path('/proc/self/status').read_text()\n"  # its own since it began, not its parent's
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', said)[1]) // 1024)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return int(run.stdout)


def test_memory_is_bounded_whatever_comes(tmp_path: Path) -> None:
    for number, data in enumerate(
        [bomb(60_000, 60_000), bomb(9_000, 8_800), *[one for one, _ in REFUSED.values()]]
    ):
        (tmp_path / str(number)).write_bytes(data)
    assert peak(tmp_path) < 500


@pytest.mark.parametrize(("colour", "depth"), [(2, 8), (6, 8), (0, 16), (6, 16)])
def test_memory_is_bounded_for_the_largest_page(tmp_path: Path, colour: int, depth: int) -> None:
    (tmp_path / "page").write_bytes(black(colour, depth))
    assert peak(tmp_path) < 500


def test_memory_is_bounded_for_the_largest_page_that_lies_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    page = Image.new("RGB", (8_900, 8_900))
    page.save(tmp_path / "page.tif", compression="tiff_lzw", exif=exif)
    assert peak(tmp_path) < 700


A4 = (1654, 2339)
PAPER, INK, LINE = "#f4efe2", "#20242c", "#b9c4d4"


def paper(noise: float = 3) -> Image.Image:
    """As a scanner sees it."""
    shades = np.random.default_rng(1).normal(0, noise, (A4[1], A4[0], 1)) + pixels(
        Image.new("RGB", A4, PAPER)
    )
    return Image.fromarray(np.clip(shades, 0, 255).astype(np.uint8))


def ruled() -> Image.Image:
    page = paper()
    draw = ImageDraw.Draw(page)
    for top in range(200, 2300, 62):
        draw.line((0, top, A4[0], top + 6), fill=LINE, width=2)
    draw.line((180, 0, 180, A4[1]), fill="#d88888", width=2)
    return page


def spotted() -> Image.Image:
    """Punched, at the edge of a dark scanner's lid, and with dust."""
    page = paper()
    draw = ImageDraw.Draw(page)
    for top in (550, 1750):
        draw.ellipse((50, top, 97, top + 47), fill=INK)
    draw.rectangle((1600, 0, *A4), fill=INK)
    for place in range(300, 1300, 250):
        draw.rectangle((place, 2 * place - 300, place + 3, 2 * place - 297), fill=INK)
    return page


def shaded() -> Image.Image:
    """Darker to one side."""
    light = np.linspace(1, 0.6, A4[0])[None, :, None]
    return Image.fromarray((pixels(paper()) * light).astype(np.uint8))


BLANK = {"noise": paper(8), "ruled": ruled(), "spots": spotted(), "shadow": shaded()}


@pytest.mark.parametrize("page", BLANK.values(), ids=BLANK.keys())
def test_a_page_without_writing_is_blank_whatever_else_is_on_it(page: Image.Image) -> None:
    assert is_blank(pixels(page))


@pytest.mark.parametrize("page", BLANK.values(), ids=BLANK.keys())
def test_a_page_with_a_telephone_number_is_not_blank(page: Image.Image) -> None:
    written = page.copy()
    ImageDraw.Draw(written).text((300, 900), "07700 900123", font=ImageFont.load_default(40), fill=INK)
    assert not is_blank(pixels(written))


def test_pale_writing_is_writing() -> None:
    page = paper(2)
    ImageDraw.Draw(page).text((300, 900), "07700 900123", font=ImageFont.load_default(46), fill="#e0dbce")
    assert not is_blank(pixels(page))
    assert not is_blank(pixels(envelope(("Please ring her on", "07700 900123"), ink="#efeada")))
