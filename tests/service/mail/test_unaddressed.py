"""A picture on which no address can be read is never allowed: over HTTP, and through the hot folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from adapters.mailroom.client import Mailroom
from adapters.mailroom.hot_folder import HotFolder
from service.access.model import Role
from tests.adapters.mailroom.drawing import encoded, envelope, written
from tests.adapters.mailroom.dropping import Clock, ends, put
from tests.adapters.mailroom.test_hot_folder import ELSEWHERE, RESTRICTED, settled
from tests.service.running import service_in

FAINT = "#eee9dc"
"""Ink that is hardly darker than the paper."""
POSTAGE = (
    ("2 Second Class Large", "Royal Mail"),
    ("70 Years Royal Mail", "London"),
    ("01044", "LAPSTE"),
    ("Royal Mail", "Tracked 48"),
)
OTHERS = (
    ("Recycle 100 percent",),
    ("Return if undelivered", "33 High Street"),
    ("40 Happy Birthday Mum",),
    ("Season's Greetings 2026", "Reading"),
    ("Deutsche Post", "Entgelt bezahlt", "10115 Berlin"),
)
WRONG_SIDE = "turn it over: nothing of an envelope's front was seen on this side"


@pytest.fixture(scope="module")
def mailroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with service_in(tmp_path_factory.mktemp("mail")) as service, service.key(Role.MAILROOM) as machine:
        machine.timeout = httpx.Timeout(120)  # a busy machine reads slowly
        machine.post("/v1/mail/trays", json={"id": "T1"}).raise_for_status()
        yield machine


def sent(mailroom: httpx.Client, *sides: Image.Image) -> Any:
    data = encoded(sides[0], "TIFF", save_all=True, append_images=list(sides[1:]))
    answer = mailroom.post("/v1/mail/trays/T1/items", content=data)
    answer.raise_for_status()
    return answer.json()


def over_faint(marks: tuple[str, ...], to: tuple[str, ...] = RESTRICTED) -> Image.Image:
    """What the post prints at the upper right, and an address that nobody can read in the middle."""
    return written(envelope(to, ink=FAINT), marks, (900, 60))


@pytest.mark.parametrize("marks", POSTAGE, ids=str)
@pytest.mark.parametrize("is_faint", [True, False])
def test_postage_is_no_address_whether_a_faint_one_stands_beside_it_or_none(
    mailroom: httpx.Client, marks: tuple[str, ...], is_faint: bool
) -> None:
    told = sent(mailroom, over_faint(marks, RESTRICTED if is_faint else ()))
    assert told["action"] in ("hold", "stop")
    assert told["decision"] == "block" or told["doubts"]


@pytest.mark.parametrize("words", OTHERS, ids=str)
def test_neither_is_a_slogan_a_greeting_or_the_back(mailroom: httpx.Client, words: tuple[str, ...]) -> None:
    told = sent(mailroom, envelope(words))
    assert (told["decision"], told["action"]) == ("flag", "hold")
    assert told["doubts"]


def test_an_empty_side_alone_is_told_as_the_wrong_one(mailroom: httpx.Client) -> None:
    assert WRONG_SIDE in sent(mailroom, envelope((), size=(1400, 800)))["doubts"]
    assert WRONG_SIDE not in sent(mailroom, over_faint(("Royal Mail", "Tracked 48")))["doubts"]


def test_the_senders_address_on_the_back_does_not_let_an_unread_front_go(mailroom: httpx.Client) -> None:
    front, back = over_faint(("Royal Mail", "Tracked 48")), envelope(ELSEWHERE)
    assert sent(mailroom, front, back)["decision"] != "allow"
    assert sent(mailroom, envelope(RESTRICTED, ink=FAINT), back)["decision"] != "allow"
    assert sent(mailroom, envelope(()), back)["decision"] == "allow"  # a blank back that was scanned first


def test_a_senders_address_alone_in_the_corner_is_not_whom_it_goes_to(mailroom: httpx.Client) -> None:
    told = sent(mailroom, envelope((), ELSEWHERE))
    assert (told["decision"], told["doubts"]) == (
        "flag",
        ["only a prison's or a sender's address could be read", WRONG_SIDE],
    )


def test_postage_beside_an_address_that_is_read_costs_it_nothing(mailroom: httpx.Client) -> None:
    told = sent(mailroom, written(envelope(ELSEWHERE), ("Royal Mail", "Tracked 48"), (900, 60)))
    assert (told["decision"], told["doubts"]) == ("allow", [])


def test_the_hot_folder_holds_them_as_well(mailroom: httpx.Client, tmp_path: Path) -> None:
    put(tmp_path, "tracked.png", encoded(over_faint(("Royal Mail", "Tracked 48"))))
    put(tmp_path, "birthday.png", encoded(envelope(("40 Happy Birthday Mum",))))
    key = mailroom.headers["authorization"].split()[1]

    async def run() -> None:
        async with Mailroom(str(mailroom.base_url), key, "T2") as service:
            await service.begin()
            hot = HotFolder(tmp_path, service, clock=Clock())
            for path in settled(hot):
                await hot.take(path)

    asyncio.run(run())
    assert ends(tmp_path)["allow"] == []
    held = [name for name in ends(tmp_path)["flag"] if not name.endswith(".json")]
    assert held == ["birthday.png", "tracked.png"]
