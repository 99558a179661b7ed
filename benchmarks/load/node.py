"""How soon a change is in force in a prison, and how soon a node that was killed answers again.

    python -m benchmarks.load.node --restrictions 25000 --workers 4

Each restriction has a number, an address, an e-mail address and a handle, so 25,000 are 100,000 contact
points. A node is started as a process beside a `redis-server`. A change, or its removal, is published; taken
is the time until the node's report of it stands in Redis: then it is on the node's disk and in force. Told
beside it: the snapshot that it begins with, a killed node until it blocks a restricted number, its memory:
that of all its processes, what they share counted once.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import msgspec
from redis import Redis

from benchmarks import estate
from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT, Serving
from engine import saved
from engine.blocklist import compile_blocklist
from engine.model import Contact, Restriction
from service.feed.messages import REPORT, REPORTS, Report, open_report
from tests.service.feed.servers import RedisServer, redis_server
from tests.service.node.centre import Centre
from tests.service.node.desk import NODE_KEY, Desk, Publishing, desk, until
from tests.service.running import command

PATIENCE = 600.0
NEW = "07700 900577"


def ours(number: int) -> Restriction:
    """One more restriction, for somebody of whom nothing else is listed."""
    one = next(estate.full_restrictions(1, seed=99))
    contacts = (Contact(kind="phone", value=f"07700 900{number % 1000:03}"),)
    return msgspec.structs.replace(one, id=f"NEW{number}", prisoner="Z9999ZZ", contacts=contacts)


def centre_of(restrictions: int) -> Centre:
    """A centre at its first change, with so many restrictions of which it knows the number alone."""
    centre = Centre()
    centre.listed.restrictions = dict.fromkeys(range(restrictions))  # type: ignore[arg-type, assignment]
    centre.number, centre.hash = 1, "0" * 64
    return centre


def changes_of(centre: Centre, count: int) -> Iterator[bytes]:
    """So many changes: a restriction more, and the same one taken away."""
    for n in range(count):
        yield centre.change([ours(577 + n)]) if n % 2 == 0 else centre.change(gone=[f"NEW{576 + n}"])


class Prison:
    """A node as a process."""

    def __init__(self, folder: Path, keys: str, open_desk: Desk, redis: RedisServer, workers: int) -> None:
        self.workers = workers
        self.data, self.log = folder / "data", folder / "log"
        self.enrolment = folder / "enrolment.json"
        self.enrolment.write_bytes(msgspec.json.encode(open_desk.enrolment))
        self.settings = {
            "NOCONTACT_REDIS_URL": redis.url,
            "NOCONTACT_NODE_KEYS": keys,
            **serving.AS_FAST_AS_IT_GOES,
        }
        self.redis: Any = Redis(port=redis.port)
        self.started: Serving | None = None
        self.key = ""

    def start(self) -> float:
        """Start it; gives the seconds until it listens."""
        began = time.perf_counter()
        environment = serving.environment(self.data) | self.settings
        self.started = serving.start(
            [*NOCONTACT, "node", "--enrolment", str(self.enrolment), "--workers", str(self.workers)],
            environment,
            self.log,
        )
        took = time.perf_counter() - began
        if not self.key:
            said = command(self.data, "key", "--role=phone_system", "--label=switch", settings=self.settings)
            self.key = said.stdout.split()[-1]
        return took

    def is_blocked(self, name: str) -> bool:
        """Whether the new number is."""
        assert self.started is not None
        answer = httpx.post(
            self.started.url + "/v1/check/call",
            json={"id": name, "prisoner": "Z9999ZZ", "to": NEW, "establishment": "LEI"},
            headers={"authorization": f"Bearer {self.key}"},
            timeout=30,
        )
        return answer.status_code == 200 and answer.json()["decision"] == "block"

    def reports(self) -> Iterator[Report]:
        """As they come."""
        after = "0"
        while True:
            for id_, fields in (self.redis.xread({REPORTS: after}, block=1000) or [(0, [])])[0][1]:
                after = id_.decode()
                yield open_report(NODE_KEY, fields[REPORT.encode()], "lei")

    def processor(self) -> float:
        """Seconds that its processes have used."""
        return sum(map(serving.processor, self._processes()))

    def memory(self) -> dict[str, list[int]]:
        """Megabytes of each process: its share of what is resident, and what no other has."""
        found: dict[str, list[int]] = {"Pss": [], "Private_Dirty": []}
        for pid in self._processes():
            told = serving.resident(pid)
            for name, each in found.items():
                each.append(told[name])
        return {"all": [sum(found["Pss"])], **found}

    def _processes(self) -> list[int]:
        assert self.started is not None
        first = self.started.process.pid
        return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split())]


def run(restrictions: int, changes: int, workers: int) -> None:
    """Measure, and print each figure."""
    centre = centre_of(restrictions)
    blocklist = compile_blocklist(estate.full_restrictions(restrictions))
    content = saved.save(blocklist)
    print(f"{restrictions:,} restrictions; the saved list has {len(content) / 1e6:.0f} MB")
    with (
        TemporaryDirectory(prefix="nocontact-bench-") as folder,
        _keys() as keys,
        redis_server() as redis,
        desk(centre) as open_desk,
    ):
        publishing = Publishing(centre, redis)
        publishing.carrier.put_snapshot(centre.snapshot(content=content))
        publishing.beat()
        prison = Prison(Path(folder), keys, open_desk, redis, workers)
        began = time.perf_counter()
        prison.start()
        reports = prison.reports()
        _reached(reports, 1)
        print(f"snapshot in force {time.perf_counter() - began:.2f} s after the start, new folder")
        print("memory", prison.memory())
        took = []
        for one in changes_of(centre, changes):
            began = time.perf_counter()
            publishing.change(one)
            _reached(reports, centre.number)
            took.append((time.perf_counter() - began) * 1000)
            time.sleep(0.05)
        took.sort()
        print(
            f"change to report: median {statistics.median(took):.0f} ms, "
            f"p99 {took[int(len(took) * 0.99)]:.0f} ms, worst {took[-1]:.0f} ms, of {len(took)}"
        )
        print("memory after them", prison.memory())
        publishing.change(centre.change([ours(577)]))
        _reached(reports, centre.number)
        for n in range(3):
            assert prison.started is not None
            prison.started.kill()
            began = time.perf_counter()
            listens = prison.start()
            until(lambda n=n: prison.is_blocked(f"K{n}-{time.monotonic_ns()}"), PATIENCE)  # type: ignore[misc]
            answers = time.perf_counter() - began
            print(
                f"killed: listens after {listens:.2f} s, blocks after {answers:.2f} s, "
                f"{prison.processor():.2f} s of a processor by then"
            )
        if prison.started is not None:
            serving.stop(prison.started)


def _reached(reports: Iterator[Report], number: int) -> None:
    for report in reports:
        if report.number >= number:
            return


@contextmanager
def _keys() -> Iterator[str]:
    with TemporaryDirectory(prefix="nocontact-keys-", dir="/dev/shm") as folder:
        yield folder


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--restrictions", type=int, default=25_000)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    run(given.restrictions, given.changes, given.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
