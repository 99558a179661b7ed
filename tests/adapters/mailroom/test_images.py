"""Pictures are opened for what they are; what is broken, huge or disguised is refused."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adapters.mailroom.images import LONGEST_FILE, LONGEST_SIDE, ImageError, open_pages
from tests.adapters.mailroom.drawing import encoded, envelope


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
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


REFUSED = {
    "nothing": (b"", "not a JPEG"),
    "a web page": (b"<html><img></html>", "not a JPEG"),
    "a program": (b"\x7fELF" + b"\x00" * 500, "not a JPEG"),
    "an archive": (b"PK\x03\x04" + b"\x00" * 500, "not a JPEG"),
    "half a JPEG": (encoded(envelope(), "JPEG")[:3000], "broken"),
    "half a PNG": (encoded(envelope())[:3000], "broken"),
    "a PNG by its first bytes": (b"\x89PNG\r\n\x1a\n" + b"nonsense" * 50, "broken"),
    "a PDF by its first bytes": (b"%PDF-1.7\n" + b"nonsense" * 50, "broken"),
    "a TIFF that leads in circles": (b"II*\x00\x08\x00\x00\x00" + b"\xff" * 64, "broken"),
    "a stamp": (encoded(Image.new("RGB", (60, 60), "white")), "smaller than"),
    "far too long": (b"\xff\xd8\xff" + b"\x00" * LONGEST_FILE, "longer than"),
}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_picture_is_refused_with_why(data: bytes, why: str) -> None:
    with pytest.raises(ImageError, match=why):
        list(open_pages(data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says it is enormous."""

    def chunk(name: bytes, body: bytes) -> bytes:
        whole = name + body
        return struct.pack(">I", len(body)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\x00" * 2_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (2_000_000_000, 3), (12_000, 9_000)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError):
        list(open_pages(bomb(*size)))


def test_memory_is_bounded_whatever_comes(tmp_path: Path) -> None:
    """In a process of its own, which says how much it used at most, in megabytes."""
    for number, data in enumerate(
        [bomb(60_000, 60_000), bomb(9_000, 8_800), *[one for one, _ in REFUSED.values()]]
    ):
        (tmp_path / str(number)).write_bytes(data)
    program = (
        "import re, sys, pathlib\n"
        "from adapters.mailroom.images import ImageError, open_pages\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    try: list(open_pages(path.read_bytes()))\n"
        "    except ImageError: pass\n"
        "said = pathlib.Path('/proc/self/status').read_text()\n"  # its own since it began, not its parent's
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', said)[1]) // 1024)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 900
