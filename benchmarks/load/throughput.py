"""How many checks a second the service answers on one core, decisions on the disk, beside a bare route.

    make load

A real service process on core 0, `wrk` on core 1 with 16 connections; the same run against a FastAPI route
that does nothing, and against ASGI without it, says what the framework and the machine leave to be had.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx

from benchmarks import estate
from benchmarks.load.serving import (
    AS_FAST_AS_IT_GOES,
    NOCONTACT,
    NotServingError,
    Serving,
    environment,
    key,
    needed,
    prepare,
    processor,
    run,
    serving,
    settle,
)

CONNECTIONS = 16
LEAST, MOST_P99 = 3_000, 20.0
"""Checks a second, and milliseconds: what has to be reached. The budget is 5,000 and 10."""
LISTED_SHARE = 0.02
"""Of the numbers dialled; each of them is a block, signed and on the disk before it is answered."""


class Figures(NamedTuple):
    """What `wrk` measured; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    longest: float
    refused: int
    """Answers that were not 2xx or 3xx."""
    broken: int
    """Connections that failed, and answers that never came."""
    cpu: float
    """Microseconds of a processor that the process which answers took for each, all its threads together."""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def measure(service: Serving, api_key: str, numbers: Path, seconds: int, tag: str) -> Figures:
    """Load on `POST /v1/check/call` from another core."""
    began = processor(service.process.pid)
    script = Path(__file__).with_name("check.lua")
    done = subprocess.run(
        [
            *(needed("taskset"), "--cpu-list", "1", needed("wrk"), "-t", "1", "-c", str(CONNECTIONS)),
            *("-d", f"{seconds}s", "--latency", "--timeout", "10s", "-s", str(script)),
            *(f"{service.url}/v1/check/call", "--", api_key, tag, str(numbers)),
        ],
        capture_output=True,
        text=True,
    )
    for line in done.stdout.splitlines():
        if line.startswith("figures "):
            requests, micro, p50, p99, longest, refused, broken = map(int, line.split()[1:])
            cpu = (processor(service.process.pid) - began) / max(1, requests) * 1e6
            return Figures(requests, micro / 1e6, p50 / 1e3, p99 / 1e3, longest / 1e3, refused, broken, cpu)
    raise NotServingError(f"wrk measured nothing: {done.stdout[-300:]}{done.stderr[-300:]}")


def dial(restrictions: int, path: Path) -> None:
    """Numbers to dial: some are listed, most are anybody's."""
    rng = random.Random(7)
    listed = [
        restriction.contacts[0].value for restriction in estate.phone_restrictions(min(restrictions, 2_000))
    ]
    others = [attempt.to for attempt in estate.calls(20_000)]
    picked = [rng.choice(listed) if rng.random() < LISTED_SHARE else other for other in others]
    path.write_text("\n".join([listed[0], *picked]) + "\n")


def check_answers(url: str, api_key: str, numbers: Path) -> None:
    """The service decides, before it is timed. Raises NotServingError."""
    listed = numbers.read_text().partition("\n")[0]
    headers = {"Authorization": f"Bearer {api_key}"}
    for attempt, expected in (({"to": listed}, "block"), ({"to": "020 7946 0018"}, "allow")):
        body = {"id": f"first-{expected}", "prisoner": "X1234BC", "establishment": "LEI", **attempt}
        until = time.monotonic() + 60
        while True:
            answer = httpx.post(f"{url}/v1/check/call", json=body, headers=headers, timeout=30)
            if answer.status_code != 503 or time.monotonic() > until:
                break
            time.sleep(0.2)  # the blocklist is being built
        if answer.status_code != 200 or answer.json()["decision"] != expected:
            raise NotServingError(f"expected {expected}, got {answer.status_code}: {answer.text[:200]}")


def recorded(data: Path) -> int:
    """Decisions in the ledger."""
    with closing(sqlite3.connect(data / "nocontact.db")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM ledger WHERE kind = 'decision'").fetchone()
    return int(count)


def main() -> int:
    """Run it and print the figures; exit status 1 where they are not reached or an answer is not recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restrictions", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=20)
    asked = parser.parse_args()
    try:
        return _tell(beside_bare_routes(asked.restrictions, asked.seconds))
    except NotServingError as error:
        print(f"load: {error}", file=sys.stderr)
        return 2


class Found(NamedTuple):
    """One run after the other."""

    fresh: Figures
    """From the moment at which it listens: beside its answers it reads what its officers will ask for."""
    ours: Figures
    """When it has read that."""
    written: int
    """How many decisions of both are in the ledger."""
    fastapi: Figures
    asgi: Figures


def beside_bare_routes(restrictions: int, seconds: int) -> Found:
    """The service, and routes that do nothing.

    Raises NotServingError without two cores or `wrk`, and where the service does not do what it should.
    """
    if (os.cpu_count() or 1) < 2:
        raise NotServingError("two cores are needed: one for the service, one for the load")
    needed("wrk")
    with TemporaryDirectory(prefix="nocontact-load-") as folder:
        data, numbers, log = Path(folder) / "data", Path(folder) / "numbers", Path(folder) / "log"
        dial(restrictions, numbers)
        print(f"preparing {restrictions:,} restrictions", flush=True)
        prepare(data, estate.phone_restrictions(restrictions))
        api_key = key(data, "phone_system")
        fast = environment(data) | AS_FAST_AS_IT_GOES
        with serving([*NOCONTACT, "serve"], fast, log, core=0) as service:
            check_answers(service.url, api_key, numbers)
            measure(service, api_key, numbers, 2, "warm")
            before = recorded(data)
            fresh = measure(service, api_key, numbers, seconds, "fresh")
            settle(service.process.pid)
            found = measure(service, api_key, numbers, seconds, "timed")
        written = recorded(data) - before
        run(data, "verify", "--data", str(data))
        fastapi, asgi = (_bare(numbers, seconds, log, *options) for options in ((), ("--asgi",)))
    return Found(fresh, found, written, fastapi, asgi)


def _bare(numbers: Path, seconds: int, log: Path, *options: str) -> Figures:
    command = [sys.executable, "-m", "benchmarks.load.bare", *options]
    with serving(command, dict(os.environ), log, core=0) as bare:
        measure(bare, "none", numbers, 2, "warm")
        return measure(bare, "none", numbers, seconds, "timed")


def _tell(everything: Found) -> int:
    fresh, found, written, fastapi, asgi = everything
    head = f"{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'longest':>9}{'CPU µs':>9}{'refused':>9}{'broken':>8}"
    print(f"{'':32}{head}")
    named = (
        "recorded, just started",
        "POST /v1/check/call, recorded",
        "bare FastAPI route",
        "bare ASGI route",
    )
    for name, one in zip(named, (fresh, found, fastapi, asgi), strict=True):
        times = f"{one.rate:>10,.0f}{one.p50:>9.2f}{one.p99:>9.2f}{one.longest:>9.1f}{one.cpu:>9.0f}"
        print(f"{name:32}{times}{one.refused:>9}{one.broken:>8}")
    beside = (
        f"{found.rate / fastapi.rate:.2f} of its rate, {found.cpu / fastapi.cpu:.2f} of its processor time"
    )
    print(f"beside FastAPI: {beside}; {written:,} decisions recorded, the ledger verifies")
    wrong = []
    if any(one.refused or one.broken for one in (fresh, found)):
        wrong.append("some checks got no decision")
    asked = sum(one.requests - one.refused for one in (fresh, found))
    if written < asked:
        wrong.append(f"{asked - written} answered decisions are not in the ledger")
    if found.rate < LEAST or found.p99 > MOST_P99:
        wrong.append(f"below {LEAST:,} a second, or above {MOST_P99:.0f} ms at p99")
    for each in wrong:
        print(f"load: {each}", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
