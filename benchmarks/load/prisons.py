"""A centre and the prisons that follow it, all of them processes, each asked all the time.

Between a node and Redis, and between it and the centre, there is a wire of its own, which can be cut.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from sqlalchemy import select

from benchmarks.free_port import free_port
from benchmarks.load import serving, stepped
from benchmarks.load.asker import CHANNELS, HERS, PRISONER, Asker, Question, question
from benchmarks.load.serving import AS_FAST_AS_IT_GOES, NOCONTACT, Serving
from benchmarks.load.wire import Wire, wire
from service.ledger import payloads
from service.ledger.record import Kind, ledger
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database
from tests.service.running import command

FIRST = "07700 900123"
STEPPED = (sys.executable, "-m", "benchmarks.load.stepped")
OPEN = {"NOCONTACT_OPEN_PAGES": "true"}
PATIENCE = 40.0
Recorded = dict[str, list[str]]
"""Of a ledger: the decisions that it has of each attempt."""


def restricted(id_: str, number: str, *addresses: str) -> dict[str, Any]:
    """A restriction of one number, and of addresses."""
    return {
        "id": id_,
        "prisoner": PRISONER,
        "protected": {"name": "Rhoswen Tallantyre"},
        "contacts": [
            {"kind": "phone", "value": number},
            *({"kind": "address", "value": address} for address in addresses),
        ],
    }


@dataclass
class Prison:
    """A node, and who asks it."""

    name: str
    folder: Path
    keys: str
    to_redis: Wire
    to_centre: Wire
    settings: dict[str, str]
    started: Serving | None = None
    asker: Asker | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def clock(self) -> Path:
        """By how much its wall clock is wrong."""
        return self.folder / "clock"

    @property
    def url(self) -> str:
        assert self.started is not None
        return self.started.url

    def start(self) -> None:
        """Start it, and who asks it once it is ready."""
        stepped.step(self.clock, 0.0)
        environment = serving.environment(self.data) | self.settings | {"STEPPED": str(self.clock)}
        enrolment = str(self.folder / "enrolment.json")
        self.started = serving.start(
            [*STEPPED, "node", "--enrolment", enrolment], environment, self.folder / "log"
        )
        if self.asker is None:
            roles = ("--role=phone_system", "--role=mailroom")
            said = command(self.data, "key", *roles, "--label=switch", settings=self.settings)
            self.asker = Asker(self.name, lambda: self.url, said.stdout.split()[-1])
            self.asker.restricted = [FIRST]
            until(lambda: self.ready().get("ready", False))
            for turn in range(
                len(CHANNELS)
            ):  # the first of each kind has tables read, and is not asked in haste
                until(lambda turn=turn: self.decides(question(turn, [FIRST])) == "block")  # type: ignore[misc]
            self.asker.start()

    def kill(self) -> None:
        """SIGKILL, while it is asked."""
        assert self.asker is not None
        assert self.started is not None
        self.asker.is_excused = True
        self.started.kill()

    def start_again(self) -> None:
        """After a kill."""
        self.start()
        assert self.asker is not None
        self.asker.is_excused = False

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """No file of it may become larger than nothing: every writing fails."""
        assert self.started is not None
        assert self.asker is not None
        pid, no_limit = self.started.process.pid, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        self.asker.is_excused = True
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, no_limit)
            until(lambda: self.answers("well"))
            self.asker.is_excused = False

    def ready(self) -> dict[str, Any]:
        """What it says of itself."""
        try:
            return dict(httpx.get(self.url + "/health/ready", timeout=10).json())
        except httpx.HTTPError:
            return {}

    def metric(self, name: str) -> float:
        """One of its figures."""
        text = httpx.get(self.url + "/metrics", timeout=10).text
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(name + " "))

    def calls(self, number: str) -> str:
        """What it answers to one call more, as `decides`."""
        return self.decides(Question("call", number, ""))

    def decides(self, asked: Question) -> str:
        """What it answers to one question more; what it says of itself where that is no decision."""
        assert self.asker is not None
        name = f"{self.name}-once-{time.monotonic_ns()}"
        self.asker.heard.asked[name] = asked
        try:
            said = httpx.post(
                f"{self.url}/v1/check/{asked.channel}",
                json=asked.sent(name),
                headers={"authorization": f"Bearer {self.asker._key}"},
                timeout=10,
            )
        except httpx.HTTPError as error:
            return type(error).__name__
        if said.status_code != 200:
            return str(said.status_code)
        self.asker.heard.told[name] = str(said.json()["decision"])
        return self.asker.heard.told[name]

    def snapshots_taken(self) -> int:
        """How often it has begun with a whole list."""
        return (self.folder / "log").read_text("utf-8").count("snapshot_taken")

    def blocks(self, number: str) -> bool:
        """Whether it does."""
        return self.calls(number) == "block"

    def answers(self, _: str) -> bool:
        """Whether it decides at all."""
        return self.calls(FIRST) in ("block", "allow", "flag")


@dataclass
class Estate:
    """All of it."""

    folder: Path
    settings: dict[str, str]
    redis_url: str
    prisons: list[Prison] = field(default_factory=list)
    started: Serving | None = None
    officer: str = ""
    restricted: int = 0
    port: int = field(default_factory=free_port)

    @property
    def data(self) -> Path:
        return self.folder / "centre"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start a serving process."""
        environment = serving.environment(self.data) | self.settings | {"NOCONTACT_PORT": str(self.port)}
        self.started = serving.start([*NOCONTACT, "serve"], environment, self.folder / "centre.log")

    def kill(self) -> None:
        """SIGKILL."""
        assert self.started is not None
        self.started.kill()

    @property
    def number(self) -> str:
        """The one that was restricted last, or is about to be."""
        return f"07700 900{200 + self.restricted}"

    def restrict(self) -> str:
        """One more restricted number; it is in force nowhere yet."""
        self.restricted += 1
        until(self.acknowledges)
        return self.number

    def acknowledges(self) -> bool:
        """Whether the centre says that it is restricted: it is asked to, or was before. Raises HTTPError."""
        said = httpx.post(
            self.url + "/v1/restrictions",
            json=restricted(f"N{self.restricted}", self.number),
            headers={"authorization": f"Bearer {self.officer}"},
            timeout=10,
        )
        if said.status_code == 503:  # a database that is busy, or away
            return False
        assert said.status_code in (201, 409), said.text
        return True

    def is_everywhere(self, number: str, among: Sequence[Prison] | None = None) -> None:
        """Wait until every node blocks it, and ask about it from then on."""
        for prison in self.prisons if among is None else among:
            until(lambda prison=prison: prison.blocks(number))  # type: ignore[misc]
            assert prison.asker is not None
            prison.asker.restricted = [*prison.asker.restricted, number]

    def restrict_everywhere(self) -> None:
        """One more, in force everywhere."""
        self.is_everywhere(self.restrict())

    def ready(self) -> dict[str, Any]:
        """What the centre says of itself."""
        try:
            return dict(httpx.get(self.url + "/health/ready", timeout=10).json())
        except httpx.HTTPError:
            return {}

    def failing(self) -> bool:
        """Whether it says that it cannot publish."""
        text = httpx.get(self.url + "/metrics", timeout=10).text
        return "nocontact_feed_failed 1.0" in text

    def end(self) -> list[str]:
        """Stop everything once all decisions are at the centre; gives what is wrong."""
        wrong: list[str] = []
        for prison in self.prisons:
            assert prison.asker is not None
            prison.asker.end()
        for prison in self.prisons:
            until(lambda prison=prison: not prison.metric("nocontact_node_not_forwarded"))  # type: ignore[misc]
            assert prison.started is not None
            serving.stop(prison.started)
        assert self.started is not None
        serving.stop(self.started)
        at_centre = recorded(self.data, self.settings)
        for prison in self.prisons:
            assert prison.asker is not None
            heard = prison.asker.heard
            wrong += [f"{prison.name}: {one}" for one in heard.wrong]
            wrong += [f"{prison.name}: no answer: {why}, {n} times" for why, n in heard.unanswered.items()]
            here = recorded(prison.data, prison.settings)
            wrong += compared(f"{prison.name}'s ledger", heard.told, heard.asked, here)
            mine = {name: of for name, of in at_centre.items() if name.startswith(prison.name)}
            wrong += [] if mine == here else [f"the centre has {len(mine)} of {prison.name}'s {len(here)}"]
            wrong += _sound(prison.name, prison.data, prison.settings)
        return wrong + _sound("the centre", self.data, self.settings)


def until(is_so: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never was so"
        time.sleep(0.03)


def compared(where: str, told: dict[str, str], asked: Mapping[str, object], here: Recorded) -> list[str]:
    """What a ledger lacks of what was told, has twice or otherwise, or nobody asked about."""
    wrong = [
        f"{where}: {here.get(name, 'nothing')} of {name}, which was told {decision}"
        for name, decision in told.items()
        if here.get(name) != [decision]
    ]
    wrong += [f"{where}: {name} more than once" for name, of in here.items() if len(of) != 1]
    return wrong + [f"{where}: {name}, which nobody asked" for name in here.keys() - asked.keys()]


def recorded(data: Path, settings: dict[str, str]) -> Recorded:
    """Every decision in the ledger of a folder, by what the caller called it."""
    told = {
        name.removeprefix("NOCONTACT_").lower(): value
        for name, value in settings.items()
        if name == "NOCONTACT_DATABASE_URL"
    }
    given: Any = Settings(data=data, _env_file=None, **told)  # type: ignore[arg-type, call-arg]
    database = Database(given.url)
    found: Recorded = {}
    try:
        vault = sealing.open_vault(database, sealing.read_master_key(given))
        wanted = select(ledger.c.subject, ledger.c.sealed).where(ledger.c.kind == Kind.DECISION)
        with database.read() as connection:
            for row in connection.execute(wanted):
                decided = payloads.decided(vault, row.subject, row.sealed)
                found.setdefault(decided.attempt["id"], []).append(decided.decision.decision)
    finally:
        database.close()
    return found


def _sound(name: str, data: Path, settings: dict[str, str]) -> list[str]:
    said = command(data, "verify", settings=settings)
    return [] if said.returncode == 0 else [f"{name}: verify says {said.stdout[-300:]}{said.stderr[-300:]}"]


@contextmanager
def estate(
    folder: Path, redis_url: str, redis_port: int | None = None, *, prisons: int = 2, **settings: str
) -> Iterator[Estate]:
    """A centre that publishes to a Redis, with nodes that are asked already. Without a port of Redis the
    nodes go there as the centre does, over no wire."""
    centre = {"NOCONTACT_REDIS_URL": redis_url, "NOCONTACT_NODE_SILENT": "2", **OPEN, **settings}
    made = Estate(folder, centre, redis_url)
    said = command(made.data, "init", settings=centre)
    assert said.returncode == 0, said.stderr
    lines = folder / "restrictions.jsonl"
    lines.write_text(json.dumps(restricted("R1", FIRST, HERS)) + "\n")
    assert command(made.data, "import", str(lines), settings=centre).returncode == 0
    key = command(made.data, "key", "--role=case_officer", "--label=officer", settings=centre).stdout
    made.officer = key.split()[-1]
    with ExitStack() as stack:
        made.start()
        stack.callback(_end, lambda: made.started)
        for n in range(prisons):
            name = f"lei-{n}"
            to_centre = stack.enter_context(wire(made.port))
            to_redis = stack.enter_context(wire(redis_port or 1))
            keys = stack.enter_context(TemporaryDirectory(prefix="nocontact-keys-", dir="/dev/shm"))
            address = redis_url if redis_port is None else f"redis://127.0.0.1:{to_redis.port}"
            node = {
                "NOCONTACT_REDIS_URL": address,
                "NOCONTACT_NODE_KEYS": keys,
                "NOCONTACT_NODE_SILENT": "2",
                **OPEN,
                **AS_FAST_AS_IT_GOES,
            }
            (folder / name).mkdir()
            prison = Prison(name, folder / name, keys, to_redis, to_centre, node)
            at = f"http://127.0.0.1:{to_centre.port}"
            said = command(made.data, "node-add", name, "--prison=LEI", "--centre", at, settings=centre)
            assert said.returncode == 0, said.stderr
            (folder / name / "enrolment.json").write_text(said.stdout)
            made.prisons.append(prison)
            stack.callback(_end, partial(getattr, prison, "started"))
        for prison in made.prisons:
            prison.start()
        yield made


def _end(which: Callable[[], Serving | None]) -> None:
    started = which()
    if started is None:
        return
    if started.process.poll() is None:
        started.process.send_signal(signal.SIGKILL)
        started.process.wait()
    if started.process.stdout:
        started.process.stdout.close()
