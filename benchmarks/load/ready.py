"""How long a start takes until the service answers, with the list that was kept and without one.

    python -m benchmarks.load.ready --restrictions 100000

Each restriction has a number, an address, an e-mail address and a handle, so 100,000 are 400,000 contact
points. The service is started as a process; from that moment until it says where it listens, until
`/health/ready` says yes, and until a restricted number is blocked, in seconds, and the processor time that
the process had used by then. A kept list is measured again with changes that the registry had since.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from benchmarks import estate
from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT, NotServingError, Serving
from engine.model import Restriction
from service.blocklist.kept import FILE

EVERY = 0.02
"""Seconds between two questions: so exact are the figures."""
PATIENCE = 900.0
"""Seconds until a start is given up."""
ROUNDED = "000000"
"""How a number ends that a spreadsheet may have rounded: it is not imported."""
SINCE = 200
"""Restrictions that the registry was given after the list was kept."""


class Start(NamedTuple):
    """One start: seconds since the process began, and of processor time in it until it was ready."""

    listening: float
    ready: float
    answered: float
    processor: float


def measure(data: Path, log: Path, key: str, listed: str, *, kill: bool = False) -> Start:
    """Start, wait until it blocks `listed`, and end it: orderly, or by SIGKILL, so that it keeps nothing."""
    settings = serving.environment(data) | serving.AS_FAST_AS_IT_GOES
    began = time.monotonic()
    started = serving.start([*NOCONTACT, "serve"], settings, log)
    try:
        listening = time.monotonic() - began
        _until(lambda: _status(started, "GET", "/health/ready", "", None)[0] == 200)
        ready, processor = time.monotonic() - began, serving.processor(started.process.pid)
        body = json.dumps({"id": f"ready-{began}", "prisoner": "X1234BC", "to": listed})

        def is_blocked() -> bool:
            status, answer = _status(started, "POST", "/v1/check/call", key, body)
            return status == 200 and answer["decision"] == "block"

        _until(is_blocked)
        return Start(listening, ready, time.monotonic() - began, processor)
    finally:
        if kill:
            started.kill()
        else:
            serving.stop(started)


def run(data: Path, count: int, rounds: int, *, numbers: bool) -> Iterator[tuple[str, Start]]:
    """Every kind of start, in its order; the data folder is made where there is none."""
    log = data.with_suffix(".log")
    draw = estate.phone_restrictions if numbers else estate.full_restrictions
    if not data.exists():
        began, before = time.monotonic(), os.times()
        serving.prepare(data, (one for one in draw(count) if not one.contacts[0].value.endswith(ROUNDED)))
        used = os.times().children_user - before.children_user
        print(f"imported in {time.monotonic() - began:.1f} s, {used:.1f} s of processor time", flush=True)
    listed = next(iter(draw(1))).contacts[0].value
    key = serving.key(data, "phone_system")
    (data / FILE).unlink(missing_ok=True)
    yield "no kept list", measure(data, log, key, listed)
    print(f"the kept list has {(data / FILE).stat().st_size / 1e6:.1f} MB", flush=True)
    for _ in range(rounds):
        yield "kept list", measure(data, log, key, listed, kill=True)
    _import(data, _since())
    for _ in range(rounds):
        yield f"kept list, {SINCE} restrictions since", measure(data, log, key, listed, kill=True)


def _since() -> Iterator[Restriction]:
    mark = time.time_ns()
    for number, restriction in enumerate(estate.full_restrictions(SINCE, seed=mark)):
        yield msgspec.structs.replace(restriction, id=f"S{mark}-{number}")


def _import(data: Path, restrictions: Iterator[Restriction]) -> None:
    file = data.with_suffix(".jsonl")
    with file.open("wb") as out:
        out.writelines(msgspec.json.encode(restriction) + b"\n" for restriction in restrictions)
    serving.run(data, "import", "--data", str(data), str(file))
    file.unlink()


def _status(
    started: Serving, method: str, path: str, key: str, body: str | None
) -> tuple[int, dict[str, str]]:
    address = urlsplit(started.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    try:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")
    finally:
        connection.close()


def _until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if happened():
            return
        time.sleep(EVERY)
    raise NotServingError("it was not ready in time")


def main() -> int:
    """Measure and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restrictions", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--numbers", action="store_true", help="restrictions with a number alone")
    parser.add_argument("--data", type=Path, help="a data folder to be made, or of an earlier run")
    asked = parser.parse_args()
    found: dict[str, list[Start]] = {}
    with TemporaryDirectory(prefix="nocontact-ready-") as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled already
        os.environ.setdefault("PYTHONPYCACHEPREFIX", f"{folder}/compiled")
        data = asked.data or Path(folder) / "data"
        try:
            for kind, start in run(data, asked.restrictions, asked.rounds, numbers=asked.numbers):
                found.setdefault(kind, []).append(start)
        except NotServingError as error:
            print(f"ready: {error}", file=sys.stderr)
            return 2
    print(f"{'seconds since the start':40} listening  ready  answered  processor  worst ready")
    for kind, starts in found.items():
        listening, ready, answered, used = map(statistics.median, zip(*starts, strict=True))
        worst = max(one.ready for one in starts)
        print(f"{kind:40} {listening:9.2f} {ready:6.2f} {answered:9.2f} {used:10.2f} {worst:12.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
