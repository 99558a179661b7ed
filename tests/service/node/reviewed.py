"""A centre and a node of it as processes, what asks the node, and whoever reviews at the centre."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import httpx
from sqlalchemy import select

from benchmarks.free_port import free_port
from benchmarks.load import serving
from benchmarks.load.serving import Serving
from service.feed.pictures import NodePictures
from service.node.letters import NodeItems
from service.operations.clock import Clock
from service.registry.journal import Journal
from service.review.model import WAITING, Outcome
from service.review.reviews import Reviews
from service.review.tables import review_item
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database
from tests.service.node.desk import until
from tests.service.review.queue_of_one import ANN, BEN, WHY, opened
from tests.service.running import RESTRICTION, command

SOON = (
    sys.executable,
    "-c",
    "import service.node.decisions_back as back; back.EVERY = 0.3; from service.cli.main import main; main()",
)
"""`nocontact` whose node asks three times a second what was decided."""
NAME, PRISONER, NEAR = "lei-1", "X1234BC", "07700 900124"


@dataclass
class Process:
    """A folder, and what serves it."""

    folder: Path
    arguments: tuple[str, ...]
    settings: dict[str, str]
    started: Serving | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        assert self.started is not None
        return self.started.url

    def start(self) -> None:
        """Start it, or again."""
        environment = serving.environment(self.data) | self.settings
        self.started = serving.start([*SOON, *self.arguments], environment, self.folder / "log")

    def kill(self) -> None:
        """SIGKILL."""
        assert self.started is not None
        self.started.kill()

    def end(self) -> None:
        """In whichever way it still goes."""
        if self.started is not None and self.started.process.poll() is None:
            serving.stop(self.started)
        if self.started is not None and self.started.process.stdout:
            self.started.process.stdout.close()

    def run(self, *arguments: str) -> str:
        """A command on its folder."""
        said = command(self.data, *arguments, settings=self.settings)
        assert said.returncode == 0, said.stderr
        return said.stdout

    def key(self, *roles: str) -> str:
        """A machine's."""
        return self.run("key", "--label=a test's", *(f"--role={role}" for role in roles)).split()[-1]

    @contextmanager
    def opened(self) -> Iterator[Journal]:
        """Its database, beside the process."""
        settings: Any = Settings(data=self.data, _env_file=None)  # type: ignore[call-arg]
        database = Database(settings.url, wait=20)
        try:
            yield Journal(database, sealing.open_vault(database, sealing.read_master_key(settings)), Clock())
        finally:
            database.close()


@dataclass
class Reviewed:
    """Both of them."""

    centre: Process
    node: Process
    folder: Path
    keys: dict[str, str] = field(default_factory=dict)

    def queue(self) -> list[tuple[int, str, list[bytes]]]:
        """What is in the centre's queue: number, channel, and the pictures that a reviewer is shown."""
        with self.centre.opened() as journal:
            pictures = NodePictures(journal.database, journal.vault, None)  # type: ignore[arg-type]
            with journal.database.read() as connection:
                wanted = select(review_item.c.seq, review_item.c.channel).order_by(review_item.c.seq)
                found = connection.execute(wanted).all()
            return [(row.seq, row.channel, pictures.of(row.seq)) for row in found]

    def decide(self, seq: int, outcome: Outcome) -> None:
        """What reviewers decide at the centre, two where it takes two; in effect after a second."""
        with self.centre.opened() as journal, patch("service.review.reviews.UNDO", timedelta(seconds=1)):
            reviews = Reviews(journal)
            for who in (ANN, BEN):
                if reviews.get(who, seq).state in WAITING:
                    reviews.decide(who, seq, opened(reviews, who, seq), outcome, WHY[outcome])

    def pictures_here(self) -> int:
        """Pages that the node keeps."""
        with self.node.opened() as journal:
            return NodeItems(journal.database, journal.vault, None, None).pictures_waiting()  # type: ignore[arg-type]

    def settled_here(self) -> list[str]:
        """Decisions that the node's ledger has, by what they are about."""
        with self.node.opened() as journal, journal.database.read() as connection:
            query = "SELECT subject FROM ledger WHERE kind = 'review' ORDER BY seq"
            return list(connection.exec_driver_sql(query).scalars())

    def message(self, name: str, to: str = NEAR) -> str:
        """A message of a gateway: its action."""
        said = httpx.post(
            self.node.url + "/v1/check/message",
            json={"id": name, "prisoner": PRISONER, "establishment": "LEI", "to": to, "body": "hello"},
            headers={"authorization": f"Bearer {self.keys['gateway']}"},
            timeout=30,
        )
        assert said.status_code == 200, said.text
        return str(said.json()["action"])

    def post(self, picture: bytes, tray: str = "MONDAY-1") -> dict[str, Any]:
        """A picture of the mailroom's: what is to be done with it."""
        headers = {"authorization": f"Bearer {self.keys['mailroom']}"}
        with httpx.Client(base_url=self.node.url, headers=headers, timeout=120) as client:
            begun = client.post("/v1/mail/trays", json={"id": tray, "establishment": "LEI"})
            assert begun.status_code == 200, begun.text
            said = client.post(f"/v1/mail/trays/{tray}/items", content=picture)
        assert said.status_code == 200, said.text
        return dict(said.json())

    def todo(self, tray: str = "MONDAY-1") -> list[str]:
        """What is to be done with each letter of a tray, as the node says it now."""
        headers = {"authorization": f"Bearer {self.keys['mailroom']}"}
        said = httpx.get(self.node.url + f"/v1/mail/trays/{tray}/items", headers=headers, timeout=30)
        return [one["todo"] for one in said.json()]


@contextmanager
def reviewed(folder: Path, redis_url: str, *options: str) -> Iterator[Reviewed]:
    """A centre with one restriction and its node, which has the list. `options` are the node's."""
    with TemporaryDirectory(prefix="nocontact-keys-", dir="/dev/shm") as keys:
        port = free_port()
        (folder / "centre").mkdir()
        (folder / "node").mkdir()
        common = {"NOCONTACT_REDIS_URL": redis_url, "NOCONTACT_OPEN_PAGES": "true"}
        centre = Process(folder / "centre", ("serve",), common | {"NOCONTACT_PORT": str(port)})
        centre.run("init")
        lines = folder / "restrictions.jsonl"
        lines.write_text(RESTRICTION)
        centre.run("import", str(lines))
        enrolment = folder / "node" / "enrolment.json"
        at = f"http://127.0.0.1:{port}"
        enrolment.write_text(centre.run("node-add", NAME, "--prison=LEI", "--centre", at))
        assert json.loads(enrolment.read_text())["name"] == NAME
        settings = common | {"NOCONTACT_NODE_KEYS": keys, "NOCONTACT_HELD_HOURS": "0.0001"}
        node = Process(folder / "node", ("node", "--enrolment", str(enrolment), *options), settings)
        made = Reviewed(centre, node, folder)
        try:
            centre.start()
            node.start()
            made.keys = {"gateway": node.key("phone_system"), "mailroom": node.key("mailroom")}
            until(lambda: bool(httpx.get(node.url + "/health/ready", timeout=20).json()["ready"]), 60)
            yield made
        finally:
            node.end()
            centre.end()
