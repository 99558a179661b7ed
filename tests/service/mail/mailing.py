"""Letters put into a tray as pictures are, with what a reader would have read: reading takes a second."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from adapters.mailroom.envelope import Doubt, Envelope
from service.access.model import Principal, Role
from service.mail.attempt import Seen
from service.mail.intake import Intake
from service.mail.items import MailItem
from service.mail.reading import Read
from service.review.model import UNDO, Outcome
from tests.service.console.conftest import ADDRESS, PRISONER, Console
from tests.service.review.queue_of_one import ANN, WHY, opened

SCANNER = Principal("key:scanner", frozenset({Role.MAILROOM}))
MO = Principal("oidc:mo", frozenset({Role.MAILROOM}), person=True)
HERS = f"Mr T Okafor\n{ADDRESS}"
ELSEWHERE = "Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ"


T = TypeVar("T")


class _Told:
    """Reads a picture as the text that it is, and doubts a text that begins with a question mark."""

    async def read(self, data: bytes, *, privileged: bool = False) -> Read:
        text = data.decode()
        doubts = (Doubt.LOW_CONFIDENCE,) if text.startswith("?") else ()
        to = text.removeprefix("?").partition("|")[0]
        envelope = Envelope(to=to, sender="", prisoner=PRISONER, confidence=0.9, doubts=doubts)
        return Read(envelope=envelope, body="", pictures=())


def intake(console: Console) -> Intake:
    """A mailroom's, with that reader."""
    system = console.system
    return Intake(system.mail, _Told(), console.app.checks.decider)


def put(console: Console, tray: str, text: str, by: Principal = SCANNER) -> MailItem:
    """A letter with this text; what stands behind `|` only makes it another picture."""
    return run(taking(console, intake(console), tray, text, by))


async def taking(console: Console, takes: Intake, tray: str, text: str, by: Principal) -> MailItem:
    """The same, within a loop."""
    data, now = text.encode(), console.clock()
    return await takes.take(by, data, tray=tray, name="scan.png", now=now, establishment="LEI")


def typed(console: Console, item: MailItem, to: str, by: Principal = MO) -> MailItem:
    """An officer types what it says."""
    seen = Seen(to=to, prisoner=PRISONER, is_confirmed=True)
    return run(intake(console).correct(by, item, seen))


def decide(console: Console, outcome: Outcome) -> None:
    """What a reviewer decides on the newest item of the queue; in effect when this returns."""
    with console.system.database.read() as connection:
        seq = connection.exec_driver_sql("SELECT max(seq) FROM review_item").scalar_one()
    reviews = console.system.reviews
    reviews.decide(ANN, seq, opened(reviews, ANN, seq), outcome, WHY[outcome])
    console.clock.ahead += UNDO


def run(awaited: Coroutine[Any, Any, T]) -> T:
    """In a thread: a browser test's own has a loop of its browser's."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, awaited).result()
