"""How soon a change is in force in many prisons, what their reports cost the centre, and what Redis would.

    python -m benchmarks.load.many --nodes 20 --restrictions 25000
    python -m benchmarks.load.many --nodes 20 --restrictions 250000 --only nodes --saved /tmp/list
    python -m benchmarks.load.many --only reports,answers

Each restriction has a number, an address, an e-mail address and a handle: 25,000 are 100,000 contact points.
`nodes` starts so many as processes beside one Redis, and takes the time from the XADD of a change until the
last node's report of it stands in Redis: then it is on the disk and in force everywhere. A list of a million
contact points takes minutes to compile: `--saved` keeps it in a file for the next time. `reports` hands
reports of as many nodes to the centre's own reader and counts its processor. `answers` asks Redis with
SISMEMBER over loopback, and a node's list in memory, about the same numbers in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from redis import Redis

from benchmarks import estate
from benchmarks.load import serving
from benchmarks.load.node import centre_of, changes_of
from benchmarks.load.serving import NOCONTACT, Serving
from engine import saved
from engine.blocklist import Blocklist, compile_blocklist
from engine.model import Attempt
from engine.policy import read_policy
from engine.screener import Screener
from matchers import phone
from service.feed.carrier import GivenReport
from service.feed.messages import NODE, REPORT, REPORTS, Report, make_report, open_report
from service.feed.nodes import Nodes
from service.feed.reports import NodeReports
from service.feed.tables import node
from service.registry.journal import Journal
from service.storage import rows, sealing
from tests.service.databases import MASTER, sqlite_in
from tests.service.feed.servers import redis_server
from tests.service.node.desk import NODE_KEY, Publishing, desk

PATIENCE = 900.0
IDLE = 10.0
"""Seconds in which nothing changes, for what a node costs all the time."""


def percentiles(took: Sequence[float]) -> str:
    """In milliseconds."""
    ordered = sorted(one * 1000 for one in took)
    return f"p50 {statistics.median(ordered):.3g} ms, p99 {ordered[int(len(ordered) * 0.99)]:.3g} ms"


def listed(restrictions: int) -> Blocklist:
    """An estate's list."""
    return compile_blocklist(estate.full_restrictions(restrictions))


def saved_list(restrictions: int, file: Path | None) -> bytes:
    """An estate's list as it is saved; from a file, where that is there, else for it."""
    if file is not None and file.exists():
        return file.read_bytes()
    content = saved.save(listed(restrictions))
    if file is not None:
        file.write_bytes(content)
    return content


def nodes(count: int, restrictions: int, changes: int, content: bytes) -> None:
    """From XADD to the last report."""
    centre = centre_of(restrictions)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="nocontact-many-")))
        keys = stack.enter_context(TemporaryDirectory(prefix="nocontact-keys-", dir="/dev/shm"))
        redis = stack.enter_context(redis_server())
        open_desk = stack.enter_context(desk(centre))
        publishing = Publishing(centre, redis)
        publishing.carrier.put_snapshot(centre.snapshot(content=content))
        del content
        publishing.beat()
        reached = _Reached(Redis(port=redis.port))
        started: list[Serving] = []
        stack.callback(lambda: [one.kill() for one in started])
        for n in range(count):
            name = f"p-{n}"
            enrolment = folder / f"{name}.json"
            told = msgspec.structs.replace(open_desk.enrolment, name=name)
            enrolment.write_bytes(msgspec.json.encode(told))
            settings = {"NOCONTACT_REDIS_URL": redis.url, "NOCONTACT_NODE_KEYS": f"{keys}/{name}"}
            environment = serving.environment(folder / name) | settings
            command = [*NOCONTACT, "node", "--enrolment", str(enrolment)]
            started.append(serving.start(command, environment, folder / "log"))
            reached.wait(1, n + 1)  # one after the other: while one takes the list it has it four times
        memory = statistics.median(serving.resident(one.process.pid)["Pss"] for one in started)
        print(f"{count} nodes, {restrictions * 4:,} contact points: {memory:.0f} MB each (Pss)")
        at_first = _processor(started)
        time.sleep(IDLE)
        before, of_redis = _processor(started), serving.processor(redis.pid)
        began_all, took, halves = time.monotonic(), [], []
        for one in changes_of(centre, changes):
            began = time.perf_counter()
            publishing.change(one)
            reached.wait(centre.number, count // 2)
            halves.append(time.perf_counter() - began)
            reached.wait(centre.number, count)
            took.append(time.perf_counter() - began)
            time.sleep(0.1)
        for name, some in (("a restriction more", took[::2]), ("one taken away", took[1::2])):
            print(f"{name}, to the last report: {percentiles(some)}, worst {max(some) * 1000:.0f} ms")
        print(f"all {len(took)}: {percentiles(took)}; the first {took[0] * 1000:.0f} ms")
        print(f"until half of the nodes have it: {percentiles(halves)}")
        idle = (before - at_first) / count / IDLE
        each = (_processor(started) - before) / count - idle * (time.monotonic() - began_all)
        print(
            f"a change takes {each / changes * 1000:.1f} ms of a node's processor, which is {idle:.1%} busy"
        )
        redis_took = (serving.processor(redis.pid) - of_redis) / changes * 1000
        print(f"and {redis_took:.1f} ms of that of Redis, beats and reports included")


class _Reached:
    """Which node has which change, by what they report."""

    def __init__(self, redis: Any) -> None:
        self._redis, self._after = redis, "0"
        self._has: dict[str, int] = {}

    def wait(self, number: int, count: int) -> None:
        """Until so many have it."""
        until = time.monotonic() + PATIENCE
        while sum(one >= number for one in self._has.values()) < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{self._has}")
            for id_, fields in (self._redis.xread({REPORTS: self._after}, block=1000) or [(0, [])])[0][1]:
                self._after = id_.decode()
                name = fields[NODE.encode()].decode()
                self._has[name] = open_report(NODE_KEY, fields[REPORT.encode()], name).number


def reports(count: int, of_each: int) -> None:
    """What a report costs the centre."""
    with TemporaryDirectory(prefix="nocontact-many-") as folder:
        database = sqlite_in(Path(folder))
        vault = sealing.open_vault(database, MASTER)
        journal = Journal(database, vault, lambda: datetime.now(UTC))
        _enrol(journal, count)
        taken = NodeReports(journal, Nodes(journal), timedelta(seconds=60))
        batches = list(_reports(journal, count, of_each))
        began, spent = time.perf_counter(), time.process_time()
        for batch in batches:
            taken.take(batch)
        each = (time.process_time() - spent) / (count * of_each)
        wall = (time.perf_counter() - began) / (count * of_each)
        print(f"{count:,} nodes, {of_each} reports of each: {each * 1e6:.0f} µs of a processor a report")
        print(f"({wall * 1e6:.0f} µs by the clock); a core takes {3600 / each / 1e6:.1f} million an hour")
        database.close()


def _enrol(journal: Journal, count: int) -> None:
    at = journal.clock()
    with journal.write() as connection:
        every = [
            {"name": f"p-{n}", "prison": "LEI", "added": at, "added_by": "user:admin"} for n in range(count)
        ]
        rows.insert(connection, journal.vault, node, every)


def _reports(journal: Journal, count: int, of_each: int) -> Iterator[list[GivenReport]]:
    batch: list[GivenReport] = []
    keys = [journal.vault.node_key(f"p-{n}") for n in range(count)]
    for turn in range(of_each):
        for n in range(count):
            report = Report(node=f"p-{n}", number=turn, reaches=turn, at=1.0, counter=turn + 1)
            batch.append(GivenReport("1-0", f"p-{n}", make_report(keys[n], report)))
            if len(batch) == 1_000:
                yield batch
                batch = []
    if batch:
        yield batch


def answers(blocklist: Blocklist, restrictions: int) -> None:
    """A set in Redis beside the list in memory."""
    contacts = (one for listing in estate.full_restrictions(restrictions) for one in listing.contacts)
    numbers = [one.value for one in contacts if one.kind == "phone"]
    screener, at = Screener(blocklist, read_policy()), datetime.now(UTC)
    asked = [number for pair in zip(numbers[:500], _free(500), strict=False) for number in pair]
    with redis_server() as server:
        redis: Any = Redis(port=server.port)
        keys = [phone.read(number).e164 or number for number in numbers]
        for first in range(0, len(keys), 1_000):
            redis.sadd("numbers", *keys[first : first + 1_000])
        attempts = [Attempt(id="C", channel="call", prisoner="Z9999ZZ", to=number) for number in asked]
        ways: dict[str, Callable[[int], object]] = {
            "SISMEMBER over loopback": lambda n: redis.sismember("numbers", asked[n % len(asked)]),
            "the node's list in memory": lambda n: screener.check(attempts[n % len(attempts)], at),
        }
        for rate in (100, None):
            for name, ask in ways.items():
                took = _paced(ask, rate)
                print(f"{'at 100 calls/s' if rate else 'full load'}: {name}: {percentiles(took)}")


def _free(count: int) -> list[str]:
    return [f"020 7946 {n:04}" for n in range(count)]


def _paced(ask: Callable[[int], object], rate: int | None) -> list[float]:
    took: list[float] = []
    until, n = time.perf_counter() + 5, 0
    while time.perf_counter() < until:
        began = time.perf_counter()
        ask(n)
        took.append(time.perf_counter() - began)
        n += 1
        if rate:
            time.sleep(max(0.0, 1 / rate - took[-1]))
    return took


def _processor(started: Sequence[Serving]) -> float:
    return sum(serving.processor(one.process.pid) for one in started)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nodes", type=int, default=20)
    parser.add_argument("--restrictions", type=int, default=25_000)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--saved", type=Path)
    parser.add_argument("--only", default="answers,reports,nodes")
    given = parser.parse_args()
    wanted = given.only.split(",")
    if "answers" in wanted:
        answers(listed(given.restrictions), given.restrictions)
    if "reports" in wanted:
        for count in (120, 10_000):
            reports(count, max(1, 12_000 // count))
    if "nodes" in wanted:
        content = saved_list(given.restrictions, given.saved)
        nodes(given.nodes, given.restrictions, given.changes, content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
