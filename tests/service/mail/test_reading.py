"""What a file of several pages gives, and that no file costs another one its answer."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageOps

from adapters.mailroom.barcodes import own_label
from adapters.mailroom.envelope import Envelope, understand
from adapters.mailroom.images import ImageError, Picture
from adapters.mailroom.ocr import Line, RapidReader, Reader
from service.errors import UnavailableError
from service.mail import reading
from service.mail.reading import Read, Readers, read_file
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


# What the letter's pages give.


@pytest.fixture
def one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outside is looked at once, whatever it says."""
    monkeypatch.setattr(reading, "look", lambda reader, picture: understand(reader.read(picture)))


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
    monkeypatch.setattr(reading, "_reader", reader)
    return reader


def file_of(monkeypatch: pytest.MonkeyPatch, *pages: Picture) -> list[int]:
    """The pages of the next file; those that were opened are noted."""
    opened: list[int] = []

    def open_pages(_: bytes) -> Iterator[Picture]:
        for number, one in enumerate(pages, 1):
            opened.append(number)
            yield one

    monkeypatch.setattr(reading, "open_pages", open_pages)
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

    monkeypatch.setattr(reading, "look", look)
    opened = file_of(monkeypatch, *[page()] * 5)
    read = read_file(b"", marked is None)
    assert isinstance(read, Read)
    assert (read.body, read.is_cut, read.unread_pages) == ("", False, 0)
    assert (opened, pretending.looks) == ([1, 2], 2)


def test_a_letter_that_takes_too_long_is_read_as_far_as_the_time_goes(
    pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(reading, "LETTER_TIME", 4)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    file_of(monkeypatch, *[page()] * 10)
    read = read_file(b"", False)
    assert isinstance(read, Read)
    assert read.is_cut
    assert read.body == "\n".join([pretending.text] * 4)  # the back, and three of eight pages


def test_no_more_pages_are_read_than_a_letter_has(
    pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count, is_cut in ((2 + reading.MOST_BODY_PAGES, False), (3 + reading.MOST_BODY_PAGES, True)):
        file_of(monkeypatch, *[page()] * count)
        read = read_file(b"", False)
        assert isinstance(read, Read)
        assert read.is_cut == is_cut
        assert len(read.body.splitlines()) == 1 + reading.MOST_BODY_PAGES


# What the processes give. In the place of reading, a file says what happens.


def happens(data: bytes, privileged: bool) -> Read | str:
    """In a reading process."""
    what, _, rest = data.decode().partition(" ")
    if what == "die":
        os._exit(9)
    if what == "die-once" and not Path(rest).exists():
        Path(rest).touch()
        os._exit(9)
    if what == "sleep":
        time.sleep(float(rest))
    return Read(understand(()), body=str(os.getpid()), pictures=())


def begins() -> None:
    """In a reading process: there is nothing to load."""


def begins_not() -> None:
    raise FileNotFoundError("a model")


def dies_at_once() -> None:
    os._exit(9)


def impatient(data: bytes, privileged: bool) -> Read | str:
    """In a reading process: one second of the processor for a page."""
    reading.OPENING = 1.0
    return read_file(data, privileged)


@pytest.fixture
def happening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "read_file", happens)
    monkeypatch.setattr(reading, "begin", begins)


def with_readers(processes: int, run: Callable[[Readers], Awaitable[None]]) -> None:
    async def go() -> None:
        readers = Readers(processes)
        try:
            await run(readers)
        finally:
            readers.close()

    asyncio.run(go())


async def outcome(readers: Readers, data: str) -> str:
    try:
        await readers.read(data.encode())
    except (ImageError, UnavailableError) as error:
        return f"{type(error).__name__}: {error}"
    return "read"


@pytest.mark.usefixtures("happening")
def test_waiting_for_a_turn_is_not_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TIMEOUT", 2.0)

    async def run(readers: Readers) -> None:
        assert await asyncio.gather(*(outcome(readers, "sleep 0.8") for _ in range(5))) == ["read"] * 5

    with_readers(1, run)


@pytest.mark.usefixtures("happening")
def test_a_slow_file_costs_those_behind_it_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TIMEOUT", 2.0)

    async def run(readers: Readers) -> None:
        slow = asyncio.create_task(outcome(readers, "sleep 60"))
        await asyncio.sleep(0)
        behind = [asyncio.create_task(outcome(readers, "sleep 0.1")) for _ in range(6)]
        assert await slow == "ImageError: takes too long to read"
        assert await asyncio.gather(*behind) == ["read"] * 6

    with_readers(1, run)


@pytest.mark.usefixtures("happening")
def test_a_file_that_ends_its_process_costs_its_neighbours_nothing() -> None:
    async def run(readers: Readers) -> None:
        files = ["sleep 1", "die", "sleep 1", "die", "sleep 0.1"]
        found = await asyncio.gather(*(outcome(readers, one) for one in files))
        failed = "ImageError: cannot be read: reading it failed"
        assert found == ["read", failed, "read", failed, "read"]

    with_readers(2, run)


@pytest.mark.usefixtures("happening")
def test_a_file_whose_process_was_ended_by_something_else_is_read_once_more(tmp_path: Path) -> None:
    async def run(readers: Readers) -> None:
        assert await outcome(readers, f"die-once {tmp_path / 'mark'}") == "read"
        both = await asyncio.gather(readers.read(b"sleep 0.5"), readers.read(b"sleep 0.5"))
        for one in both:
            os.kill(int(one.body), signal.SIGKILL)
        assert await outcome(readers, "sleep 0") == "read"

    with_readers(2, run)


@pytest.mark.usefixtures("happening")
def test_nobody_waits_for_readers_that_are_closed() -> None:
    async def run(readers: Readers) -> None:
        await readers.read(b"sleep 0")
        files = [asyncio.create_task(outcome(readers, "sleep 60")) for _ in range(4)]
        await asyncio.sleep(0.5)
        readers.close()
        closed = "UnavailableError: the readers of pictures are closed"
        assert await asyncio.wait_for(asyncio.gather(*files), 20) == [closed] * 4

    with_readers(1, run)


@pytest.mark.parametrize("begin", [begins_not, dies_at_once])
@pytest.mark.usefixtures("happening")
def test_where_no_process_can_be_begun_no_picture_is_at_fault(
    monkeypatch: pytest.MonkeyPatch, begin: Callable[[], None]
) -> None:
    monkeypatch.setattr(reading, "begin", begin)

    async def run(readers: Readers) -> None:
        expected = "UnavailableError: no process can be begun that reads pictures"
        assert await outcome(readers, "sleep 0") == expected
        monkeypatch.setattr(reading, "begin", begins)
        assert await outcome(readers, "sleep 0") == "read"

    with_readers(1, run)


def nested() -> bytes:
    """A PDF of two kilobytes: a form that draws another twelve times, which draws another, ten deep."""

    def stream(head: bytes, body: bytes) -> bytes:
        packed = zlib.compress(body)
        return b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (head, len(packed), packed)

    form = b"/Type/XObject/Subtype/Form/BBox[0 0 600 400]"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 400]/Resources<</XObject<</F 5 0 R>>>>/Contents 4 0 R>>",
        stream(b"", b"/F Do"),
        *(
            stream(form + b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level), b"/F Do " * 12)
            for level in range(9)
        ),
        stream(form, b"0 0 m 600 400 l S"),
    ]
    out, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, len(out))
    return out + b"xref\n0 %d\n" % count + table + end


def test_a_page_that_is_never_opened_to_its_end_holds_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "read_file", impatient)
    monkeypatch.setattr(reading, "begin", begins)
    assert len(nested()) < 3000

    async def run(readers: Readers) -> None:
        began = time.monotonic()
        with pytest.raises(ImageError, match="reading it failed"):
            await readers.read(nested())
        assert time.monotonic() - began < reading.TIMEOUT / 2
        assert (await readers.read(encoded(FRONT))).envelope.to == "\n".join(ELSEWHERE)

    with_readers(1, run)


def test_a_picture_is_read_in_a_process() -> None:
    async def run(readers: Readers) -> None:
        read = await readers.read(encoded(FRONT))
        assert read.envelope.to == "\n".join(ELSEWHERE)
        assert (read.body, read.unread_pages, read.is_cut) == ("", 0, False)
        assert len(read.pictures) == 1
        with pytest.raises(ImageError, match="not a JPEG"):
            await readers.read(b"nonsense")

    with_readers(1, run)
