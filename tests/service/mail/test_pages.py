"""What a file of several pages gives."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageOps

from adapters.mailroom.barcodes import own_label
from adapters.mailroom.doors import is_door
from adapters.mailroom.envelope import Envelope, understand
from adapters.mailroom.images import Picture
from adapters.mailroom.lines import Line, Reader
from adapters.mailroom.ocr import RapidReader
from service.mail import pages
from service.mail.pages import read_file
from service.mail.reading import Read
from tests.adapters.mailroom.drawing import encoded, envelope
from tests.adapters.mailroom.test_hot_folder import ELSEWHERE, SENDER

TOLD = ("Please ring her on", "07700 900123", "tonight")
FRONT, BACK = envelope(ELSEWHERE), envelope((), SENDER)
BODY = envelope(TOLD, size=(1200, 900))


def of_pages(*images: Image.Image, privileged: bool = False) -> Read:
    data = encoded(images[0], "TIFF", save_all=True, append_images=list(images[1:]))
    found = read_file(data, privileged)
    assert isinstance(found, Read), found
    return found


def test_the_mailrooms_setting_reaches_what_reads() -> None:
    for believed in (True, False):
        pages.begin(believed)
        assert is_door("100 Main St\nSpringfield IL 62701") is believed


# What the letter's pages give.


@pytest.fixture
def one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outside is looked at once, whatever it says."""
    monkeypatch.setattr(pages, "look", lambda reader, picture: understand(reader.read(picture)))


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_of_the_letter_is_read_whichever_way_up_it_lies(turn: int) -> None:
    read = of_pages(FRONT, BACK, BODY.rotate(turn, expand=True))
    assert "\n".join(TOLD) in read.body
    assert read.unread_pages == 0


UNREADABLE = {
    "pale": envelope(TOLD, ink="#efeada"),
    "mirrored": ImageOps.mirror(BODY),
    "mirrored and turned": ImageOps.mirror(BODY).rotate(90, expand=True),
}


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize("page", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_page_that_nothing_is_read_on_for_sure_is_counted(page: Image.Image) -> None:
    assert of_pages(FRONT, BACK, BODY, page).unread_pages == 1


@pytest.mark.usefixtures("one_look")
def test_a_blank_page_is_no_doubt() -> None:
    assert of_pages(FRONT, BACK, BODY, envelope(())).unread_pages == 0


@pytest.mark.usefixtures("one_look")
def test_a_code_on_either_side_of_the_envelope_is_read() -> None:
    item = "ABCDEFGHIJKLMNOP"
    square = zxingcpp.create_barcode(own_label(item), zxingcpp.BarcodeFormat.QRCode)
    labelled = BACK.copy()
    labelled.paste(Image.fromarray(np.asarray(square.to_image(scale=5))), (900, 300))
    assert [code.item for code in of_pages(FRONT, labelled).codes] == [item]


@pytest.mark.usefixtures("one_look")
def test_the_writing_on_page_2_is_the_letters_too_and_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Front and letter, and no back between them."""
    heights: list[int] = []
    read = RapidReader.read

    def noting(self: RapidReader, picture: Picture) -> tuple[Line, ...]:
        heights.append(len(picture))
        return read(self, picture)

    monkeypatch.setattr(RapidReader, "read", noting)
    assert of_pages(FRONT, BODY).body == "\n".join(TOLD)
    assert heights == [850, 900]


class Pretending:
    """Reads the line on a page whose top is dark; upside down it reads nothing for sure."""

    def __init__(self, text: str = "She knows what it is about") -> None:
        self.text = text
        self.looks = 0

    def read(self, picture: Picture) -> tuple[Line, ...]:
        self.looks += 1
        return (Line(self.text, 0.99 if picture[0].mean() < 128 else 0.5, 100, 100, 800, 40),)


def page(*, upside_down: bool = False) -> Picture:
    light = np.linspace(255 if upside_down else 0, 0 if upside_down else 255, 300)
    return np.repeat(light.astype(np.uint8), 200 * 3).reshape(300, 200, 3)


@pytest.fixture
def pretending(one_look: None, monkeypatch: pytest.MonkeyPatch) -> Pretending:
    reader = Pretending()
    monkeypatch.setattr(pages, "_reader", reader)
    return reader


def file_of(monkeypatch: pytest.MonkeyPatch, *those: Picture) -> list[int]:
    """The pages of the next file; those that were opened are noted."""
    opened: list[int] = []

    def open_pages(_: bytes) -> Iterator[Picture]:
        for number, one in enumerate(those, 1):
            opened.append(number)
            yield one

    monkeypatch.setattr(pages, "open_pages", open_pages)
    return opened


def test_the_pages_of_a_letter_lie_as_the_one_before(
    pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_of(monkeypatch, page(), page(), *[page(upside_down=True)] * 4)
    read = read_file(b"", False)
    assert isinstance(read, Read)
    assert read.unread_pages == 0
    assert pretending.looks == 2 + 2 + 3


@pytest.mark.parametrize("marked", [0, 1, None], ids=["front", "back", "told by the caller"])
def test_no_page_behind_a_marked_outside_is_opened(
    pretending: Pretending, monkeypatch: pytest.MonkeyPatch, marked: int | None
) -> None:
    def look(reader: Reader, picture: Picture) -> Envelope:
        lines = reader.read(picture)
        mark = Line("RULE 39", 0.99, 100, 600, 200, 40)
        return understand((*lines, mark) if pretending.looks - 1 == marked else lines)

    monkeypatch.setattr(pages, "look", look)
    opened = file_of(monkeypatch, *[page()] * 5)
    read = read_file(b"", marked is None)
    assert isinstance(read, Read)
    assert (read.body, read.is_cut, read.unread_pages) == ("", False, 0)
    assert (opened, pretending.looks) == ([1, 2], 2)


def test_a_letter_that_takes_too_long_is_read_as_far_as_the_time_goes(
    pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(pages, "LETTER_TIME", 4)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    file_of(monkeypatch, *[page()] * 10)
    read = read_file(b"", False)
    assert isinstance(read, Read)
    assert read.is_cut
    assert read.body == "\n".join([pretending.text] * 4)  # the back, and three of eight pages


def test_no_more_pages_are_read_than_a_letter_has(
    pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count, is_cut in ((2 + pages.MOST_BODY_PAGES, False), (3 + pages.MOST_BODY_PAGES, True)):
        file_of(monkeypatch, *[page()] * count)
        read = read_file(b"", False)
        assert isinstance(read, Read)
        assert read.is_cut == is_cut
        assert len(read.body.splitlines()) == 1 + pages.MOST_BODY_PAGES
