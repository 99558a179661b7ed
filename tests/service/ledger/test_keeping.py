"""When a checkpoint is due, and where it goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from service.ledger import checkpoints, heads, keeping
from service.ledger.heads import Head
from service.ledger.keeping import Courier, Keeping, to_folder, to_url

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
PATIENCE = 15.0


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def head(seq: int) -> Head:
    made = Head(seq, bytes(32), "2026-01-01T09:30:02.000000Z", b"", "example.com/log", bytes(32))
    return replace(made, signature=KEY.sign(heads.message(made)))


def kept(folder: Path) -> list[int]:
    lines = checkpoints.lines(folder / checkpoints.FILE, PUBLIC)
    return [line.seq for line in lines if isinstance(line, Head) and heads.is_signed(line, PUBLIC)]


def until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.01)


@contextmanager
def receiver(status: list[int]) -> Iterator[tuple[str, list[str]]]:
    """A server that answers with the statuses in turn, the last one for ever; and what it was sent."""
    taken: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_response(status.pop(0) if len(status) > 1 else status[0])
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/kept?token=of-nobody", taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_one_comes_when_time_is_up_and_there_is_something_new(tmp_path: Path) -> None:
    clock = Clock()
    place = Keeping(tmp_path, PUBLIC, every=60, monotonic=clock)
    place.start()
    assert place.due_in() is None
    place.take(head(3), is_due=False)
    place.keep()
    assert (place.due_in(), kept(tmp_path)) == (60, [])
    clock.now += 61
    assert place.due_in() == 0
    place.take(head(5), is_due=False)
    place.keep()
    assert (place.due_in(), kept(tmp_path)) == (None, [5])
    clock.now += 61
    place.keep()
    place.take(head(5), is_due=False)
    assert (place.due_in(), kept(tmp_path)) == (None, [5]), "nothing new"
    place.take(head(6), is_due=True)
    place.keep()
    assert kept(tmp_path) == [5, 6]


def test_a_head_of_the_older_form_is_none_to_keep(tmp_path: Path) -> None:
    place = Keeping(tmp_path, PUBLIC)
    place.start()
    place.take(Head(3, bytes(32), "2026-01-01T09:30:02.000000Z", bytes(64)), is_due=True)
    place.keep()
    assert kept(tmp_path) == []


def test_it_goes_into_the_second_folder_and_to_the_address(tmp_path: Path) -> None:
    with receiver([204]) as (url, taken):
        place = Keeping(tmp_path / "data", PUBLIC, couriers=(to_folder(tmp_path / "a" / "b"), to_url(url)))
        place.start()
        for seq in (1, 2, 3):
            place.take(head(seq), is_due=True)
            place.keep()
        place.stop()
        assert kept(tmp_path / "data") == kept(tmp_path / "a" / "b") == [1, 2, 3]
        assert [heads.from_note(note, PUBLIC).seq for note in taken] == [1, 2, 3]
        assert place.failure is None


def test_what_was_cut_off_in_the_second_folder_is_mended(tmp_path: Path) -> None:
    (tmp_path / checkpoints.FILE).write_text('{"note": "cut o')
    courier = to_folder(tmp_path)
    courier.start()
    courier.take(heads.to_note(head(1), PUBLIC))
    courier.stop()
    assert kept(tmp_path) == [1]


def test_a_place_that_fails_is_told_and_tried_again_without_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(keeping, "RETRY_ELSEWHERE", 0.05)
    with receiver([500, 302, 404, 200]) as (url, taken):
        place = Keeping(tmp_path, PUBLIC, couriers=(to_url(url),))
        place.start()
        place.take(head(1), is_due=True)
        place.keep()
        until(lambda: len(taken) >= 4 and place.failure is None)
        place.stop()
        assert set(taken) == {heads.to_note(head(1), PUBLIC)}
    said = capsys.readouterr().err
    assert "checkpoint_not_kept_elsewhere" in said
    assert "token" not in said
    assert "127.0.0.1" not in said


def test_nobody_waits_for_a_place_that_hangs_and_no_more_waits_than_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LAST_WAIT", 0.05)
    monkeypatch.setattr(keeping, "MOST_WAITING", 5)
    reached, free, sent = threading.Event(), threading.Event(), list[str]()

    def send(note: str) -> None:
        reached.set()
        assert free.wait(PATIENCE)
        sent.append(note)

    place = Keeping(tmp_path, PUBLIC, couriers=(Courier("nowhere", send),))
    place.start()
    for seq in range(1, 21):
        place.take(head(seq), is_due=True)
        place.keep()
        assert reached.wait(PATIENCE)
    assert kept(tmp_path) == list(range(1, 21))
    place.stop()
    free.set()
    until(lambda: len(sent) == 6)
    assert [heads.from_note(note, PUBLIC).seq for note in sent] == [1, *range(16, 21)]


def test_a_stop_does_not_wait_for_a_place_that_refuses(tmp_path: Path) -> None:
    def send(note: str) -> None:
        raise ConnectionRefusedError(note)

    courier = Courier("nowhere", send)
    courier.start()
    courier.take("a note")
    until(lambda: courier.failure)
    courier.stop()
    assert courier.failure == "nowhere: ConnectionRefusedError"
