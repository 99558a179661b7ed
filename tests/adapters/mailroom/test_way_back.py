"""A picture that was held goes where its letter goes once a reviewer has decided, whatever happens."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from adapters.mailroom.client import Mailroom, MailroomError
from adapters.mailroom.hot_folder import ASKED_EVERY, HotFolder
from adapters.mailroom.way_back import WayBack
from service.access.model import Principal, Role
from service.review.model import Outcome
from service.storage import sealing
from tests.adapters.mailroom.dropping import FIRST, SECOND, Answers, Clock, ends, passes, put
from tests.adapters.mailroom.test_hot_folder import PowerCut, cut_at
from tests.service.console.browser import listening
from tests.service.console.conftest import console_on
from tests.service.databases import MASTER, sqlite_in
from tests.service.mail.mailing import decide


class Reviewed(Answers):
    """Holds everything, and says of each item what is to be done with it now."""

    def __init__(self) -> None:
        super().__init__(lambda _: "flag")
        self.todo: dict[str, str] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=[{"id": one, "todo": todo} for one, todo in self.todo.items()])
        return super().__call__(request)

    def back(self, folder: Path) -> int:
        service = Mailroom("http://service", "no key", "MDI-1", httpx.MockTransport(self))
        return asyncio.run(WayBack(folder, service).step())


@pytest.mark.parametrize(
    ("todo", "end", "action"), [("post", "allow", "post"), ("return", "block", "stop")], ids=str
)
def test_a_picture_goes_where_its_letter_goes(tmp_path: Path, todo: str, end: str, action: str) -> None:
    service = Reviewed()
    put(tmp_path, "one.png", FIRST)
    passes(service.hot(tmp_path))
    assert service.back(tmp_path) == 0
    service.todo = {FIRST.hex(): "keep"}
    assert service.back(tmp_path) == 0
    service.todo = {FIRST.hex(): todo}
    assert (service.back(tmp_path), service.back(tmp_path)) == (1, 0)
    assert ends(tmp_path) == {"allow": [], "block": [], "flag": []} | {end: ["one.png", "one.png.json"]}
    told = json.loads((tmp_path / end / "one.png.json").read_bytes())
    assert (told["action"], told["reviewed"], told["decision"]) == (action, True, "flag")


def test_of_two_pictures_of_one_item_none_moves(tmp_path: Path) -> None:
    service = Reviewed()
    for name in ("one.png", "two.png"):
        put(tmp_path, name, FIRST)
        passes(service.hot(tmp_path))
    service.todo = {FIRST.hex(): "post"}
    assert service.back(tmp_path) == 0
    (tmp_path / "flag" / "two.png").unlink()
    assert service.back(tmp_path) == 1, "an officer took one away"
    assert ends(tmp_path)["allow"] == ["one.png", "one.png.json"]


def test_an_answer_that_names_no_tray_is_told_once_and_keeps_nothing_waiting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Known(Reviewed):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            is_known = request.method == "POST" or request.url.raw_path == b"/v1/mail/trays/MDI-1/items"
            return super().__call__(request) if is_known else httpx.Response(404)

    service = Known()
    put(tmp_path, "one.png", FIRST)
    passes(service.hot(tmp_path))
    told = (tmp_path / "flag/one.png.json").read_text()
    for name, tray in (("a", "NO-SUCH"), ("b", "../MDI-1"), ("c", "")):
        (tmp_path / f"flag/{name}.png.json").write_text(told.replace("MDI-1", tray))
    service.todo = {FIRST.hex(): "post"}
    back = WayBack(tmp_path, Mailroom("http://service", "k", "MDI-1", httpx.MockTransport(service)))

    async def steps() -> list[int]:
        return [await back.step() for _ in range(2)]

    assert asyncio.run(steps()) == [1, 0]
    assert capsys.readouterr().err.count("3 of a tray that the service does not know") == 1
    assert ends(tmp_path)["allow"] == ["one.png", "one.png.json"]


def test_a_picture_that_came_again_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = Reviewed()
    for name in ("one.png", "two.png"):
        put(tmp_path, name, FIRST)
        passes(service.hot(tmp_path))
    service.todo = {FIRST.hex(): "post"}
    service.back(tmp_path)
    assert "2 decided, with another picture that is the same" in capsys.readouterr().err


def test_what_is_in_the_way_of_one_keeps_no_other_waiting(tmp_path: Path) -> None:
    service = Reviewed()
    for name, data in (("one.png", FIRST), ("two.png", SECOND)):
        put(tmp_path, name, data)
        passes(service.hot(tmp_path))
    put(tmp_path / "allow", "one.png", b"put there by hand")
    service.todo = {FIRST.hex(): "post", SECOND.hex(): "post"}
    with pytest.raises(FileExistsError):
        service.back(tmp_path)
    assert ends(tmp_path)["allow"] == ["one.png", "two.png", "two.png.json"]
    assert (tmp_path / "allow" / "one.png").read_bytes() == b"put there by hand"


def test_a_power_cut_at_any_step_leaves_one_picture_with_one_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, is_cut = 0, True
    while is_cut:
        folder, service = tmp_path / str(step), Reviewed()
        folder.mkdir()
        put(folder, "one.png", FIRST)
        passes(service.hot(folder))
        service.todo = {FIRST.hex(): "post"}
        cut_at(step, monkeypatch)
        is_cut = False
        try:
            service.back(folder)
        except PowerCut:
            is_cut = True
        monkeypatch.undo()
        service.back(folder)
        assert ends(folder) == {"allow": ["one.png", "one.png.json"], "block": [], "flag": []}, step
        step += 1
    assert step > 3


def test_the_program_brings_back_what_a_real_reviewer_released(tmp_path: Path) -> None:
    database, folder = sqlite_in(tmp_path), tmp_path / "scans"
    folder.mkdir()
    scanner = Principal("key:scanner", frozenset({Role.MAILROOM}))
    vault = sealing.open_vault(database, MASTER)
    with console_on(database, vault, tmp_path) as console, listening(console.app) as url:
        console.restrict()
        key = console.key_of(scanner)["authorization"].split()[1]
        put(folder, "letter.pdf", b"%PDF-1.7 nonsense")

        async def run() -> None:
            clock = Clock()
            async with Mailroom(url, key, "T1") as service:
                await service.begin("LEI")
                hot = HotFolder(folder, service, clock=clock)
                for _ in range(2):
                    await hot.take_all()
                    clock.now += 1
                await hot._bring_back()
                assert ends(folder)["flag"] == ["letter.pdf", "letter.pdf.json"]
                await asyncio.to_thread(decide, console, Outcome.RELEASE)
                await hot._bring_back()
                assert ends(folder)["allow"] == [], "it asks now and then"
                clock.now += ASKED_EVERY
                await hot._bring_back()
                assert ends(folder)["allow"] == ["letter.pdf", "letter.pdf.json"]
            async with Mailroom("http://127.0.0.1:9", key, "T1") as nobody:
                (folder / "allow/letter.pdf.json").rename(folder / "flag/letter.pdf.json")
                with pytest.raises(MailroomError):
                    await WayBack(folder, nobody).step()

        asyncio.run(run())
    database.close()
