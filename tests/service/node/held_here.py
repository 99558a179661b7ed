"""What a node holds, without the process around it: asked, put in as a picture, decided."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adapters.mailroom.envelope import Doubt, Envelope
from service.check.deciding import Decider
from service.feed.api_messages import NodeSettled
from service.ledger.record import Kind
from service.mail.intake import Intake
from service.mail.items import MailItem
from service.mail.reading import Read
from service.mail.standing import Standings
from service.mail.trays import Trays
from service.node.letters import NodeItems
from service.registry.journal import Journal
from service.review.queueing import queue_here
from service.review.reviews import Reviews
from service.storage import sealing
from service.storage.database import Database
from tests.service.check.running import NOW, PRINCIPALS, PRISONER, Running, ask, call, writer
from tests.service.databases import MASTER, sqlite_in

JPEG = b"\xff\xd8\xff\xe0"
NEAR = "07700 900124"


class _Seen:
    """Reads a picture as the text that it is; a text that begins with a question mark is doubted."""

    async def read(self, data: bytes, *, privileged: bool = False) -> Read:
        text = data.decode()
        doubts = (Doubt.LOW_CONFIDENCE,) if text.startswith("?") else ()
        to = text.removeprefix("?")
        envelope = Envelope(to=to, sender="", prisoner=PRISONER, confidence=0.9, doubts=doubts)
        return Read(envelope=envelope, body="", pictures=(JPEG + data, JPEG + b"its back"))


@dataclass
class Here:
    """A node's database and what keeps to it."""

    running: Running
    journal: Journal
    items: NodeItems
    reviews: Reviews
    trays: Trays

    def message(self, name: str, to: str = NEAR) -> str:
        """What is done with a message."""
        body = call(name, to=to, body="hello")
        return str(asyncio.run(ask(self.running.api(), "message", body)).json["action"])

    def letter(self, text: str, tray: str = "T1") -> MailItem:
        """A letter that looks so."""

        async def put() -> MailItem:
            intake = Intake(self.items, _Seen(), Decider(self.running))
            data, by = text.encode(), PRINCIPALS["switch"]
            return await intake.take(by, data, tray=tray, name="scan", now=NOW, establishment="LEI")

        return asyncio.run(put())

    def standings(self) -> dict[str, str]:
        """What became of each attempt that was not allowed, by its id; `held` until it is decided."""
        from service.ledger import payloads, search

        found = {}
        with self.journal.database.read() as connection:
            for row in reversed(search.search(connection, kind=Kind.DECISION, limit=100)):
                stood = self.reviews.stood(connection, [row.seq])
                if row.seq in stood:
                    decision = payloads.decision_of(self.journal.vault, row.subject, row.sealed)
                    found[decision.id] = stood[row.seq].standing.value
        return found

    def settled(self) -> list[str]:
        """What the ledger has of decisions, by what they are about."""
        with self.journal.database.read() as connection:
            query = "SELECT subject FROM ledger WHERE kind = 'review' ORDER BY seq"
            return list(connection.exec_driver_sql(query).scalars())


def decided(name: str, *, released: bool = True, **more: object) -> NodeSettled:
    """What the centre says of a message of the switch's."""
    fields = {"actor": "key:switch", "channel": "message", "id": name, "at": NOW, "released": released}
    return NodeSettled(**{**fields, **more})  # type: ignore[arg-type]


@contextmanager
def here(folder: Path, *, queued: bool = True) -> Iterator[Here]:
    """A new node, with a tray. `queued` is whether its version keeps its flags in a queue of its own."""
    sqlite_in(folder).close()
    with here_again(folder, queued=queued) as made:
        made.trays.begin(PRINCIPALS["switch"], "T1", "LEI", None)
        yield made


@contextmanager
def here_again(folder: Path, *, queued: bool = True) -> Iterator[Here]:
    """A node on what it has."""
    database = Database(f"sqlite:///{folder / 'nocontact.db'}")
    vault = sealing.open_vault(database, MASTER)
    with writer(database, vault, folder, (queue_here(vault),) if queued else ()) as ledger:
        journal = Journal(database, vault, lambda: NOW)
        reviews = Reviews(journal)
        standings = Standings(vault, reviews)
        items = NodeItems(database, vault, standings, timedelta(days=14))
        trays = Trays(journal, standings)
        yield Here(Running(database, vault, ledger), journal, items, reviews, trays)
    database.close()
