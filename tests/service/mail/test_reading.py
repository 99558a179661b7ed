"""That no file costs another one its answer, whatever becomes of the process that reads it."""

from __future__ import annotations

import asyncio
import os
import signal
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from adapters.mailroom.scans import ImageError
from service.errors import UnavailableError
from service.mail import reading
from service.mail.reading import Readers
from tests.adapters.mailroom.drawing import encoded, envelope
from tests.adapters.mailroom.test_hot_folder import ELSEWHERE
from tests.service.mail.happening import begins, begins_not, dies_at_once, happens, impatient

FRONT = envelope(ELSEWHERE)


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
    monkeypatch.setattr(reading, "TIMEOUT", 3.0)

    async def run(readers: Readers) -> None:
        assert await asyncio.gather(*(outcome(readers, "sleep 0.5") for _ in range(8))) == ["read"] * 8

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
        with pytest.raises(ImageError, match="reading it failed"):  # ended long before the time for a file
            await readers.read(nested())
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
