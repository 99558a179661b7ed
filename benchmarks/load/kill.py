"""Kill the service at random moments under load, and count what it forgot.

    make soak

Each round starts the service, puts it under load from another process, and ends it with SIGKILL after a
moment that nobody chose. At the end every decision that a client was told has to be in the ledger, once, as
it was told; every acknowledged restriction has to be in force; and `nocontact verify` has to find nothing.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
from sqlalchemy import select

from benchmarks import estate
from benchmarks.load import client, serving
from benchmarks.load.serving import NOCONTACT, NotServingError
from service.check.requests import request_key
from service.ledger.record import Kind, ledger
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database

RESTRICTIONS = 300
"""Few, so that a start takes no longer than it has to."""
LONGEST = 1.5
"""Seconds under load before the kill, at most: from the first request to well into the steady state."""
PATIENCE = 60.0
"""Seconds for every acknowledged change to be in force after the last start."""


class Told(NamedTuple):
    """What the client's notes come to."""

    decisions: dict[str, set[str]]
    """What was told under each id."""
    asked: set[str]
    changed: dict[str, str]
    """Numbers of the restrictions that were acknowledged, by id."""


def noted(lines: Iterable[list[str]]) -> Told:
    """The notes, sorted."""
    decisions: dict[str, set[str]] = {}
    asked: set[str] = set()
    changing: dict[str, str] = {}
    changed: dict[str, str] = {}
    for kind, name, *rest in lines:
        if kind == "asked":
            asked.add(name)
        elif kind == "told":
            decisions.setdefault(name, set()).add(rest[0])
        elif kind == "changing":
            changing[name] = rest[0]
        elif kind == "changed":
            changed[name] = changing[name]
    return Told(decisions, asked, changed)


def recorded(data: Path, asked: Iterable[str]) -> tuple[dict[str, list[str]], set[str]]:
    """Outcomes in the ledger by attempt, and the restrictions that it has a change of.

    The ledger names an attempt by a keyed hash; one that is not of `asked` goes by that.
    """
    settings = Settings(data=data, _env_file=None)  # type: ignore[call-arg]
    database = Database(settings.url)
    try:
        vault = sealing.open_vault(database, sealing.read_master_key(settings))
        with database.read() as connection:
            rows = connection.execute(
                select(ledger.c.kind, ledger.c.actor, ledger.c.subject, ledger.c.outcome)
                .where(ledger.c.kind.in_((Kind.DECISION.value, Kind.CHANGE.value)))
                .order_by(ledger.c.seq)
            ).all()
    finally:
        database.close()
    actors = {row.actor for row in rows if row.kind == Kind.DECISION}
    names = {
        f"attempt/{request_key(vault, actor, 'call', name).hex()}": name for actor in actors for name in asked
    }
    decisions: dict[str, list[str]] = {}
    changes: set[str] = set()
    for row in rows:
        if row.kind == Kind.DECISION:
            decisions.setdefault(names.get(row.subject, row.subject), []).append(row.outcome)
        elif row.subject.startswith("restriction/"):
            changes.add(row.subject.split("/")[1])
    return decisions, changes


def compare(told: Told, decisions: dict[str, list[str]], changes: set[str]) -> list[str]:
    """What the ledger lacks or says otherwise."""
    wrong = []
    for name, answers in told.decisions.items():
        written = decisions.get(name, [])
        if len(answers) > 1:
            wrong.append(f"{name}: told {' and '.join(sorted(answers))}")
        if not written:
            wrong.append(f"{name}: answered, and not in the ledger")
        elif len(written) > 1:
            wrong.append(f"{name}: {len(written)} times in the ledger")
        elif written[0] not in answers:
            wrong.append(f"{name}: told {' and '.join(sorted(answers))}, the ledger says {written[0]}")
    wrong += [f"{name}: in the ledger, and never asked" for name in decisions.keys() - told.asked]
    wrong += [f"{name}: acknowledged, and no change in the ledger" for name in told.changed.keys() - changes]
    return wrong


def not_in_force(url: str, phone: str, changed: dict[str, str]) -> list[str]:
    """Acknowledged restrictions whose number connects."""
    left, until = dict(changed), time.monotonic() + PATIENCE
    with httpx.Client(headers={"Authorization": f"Bearer {phone}"}, timeout=30) as session:
        while left and time.monotonic() < until:
            for name, number in list(left.items()):
                body = {"id": f"last-{name}-{time.monotonic_ns()}", "prisoner": "X1234BC", "to": number}
                answer = session.post(f"{url}/v1/check/call", json=body)
                if answer.status_code == 200 and answer.json()["decision"] == "block":
                    del left[name]
                else:
                    time.sleep(0.1)
                    break
    return [f"{name}: acknowledged, and not in force" for name in left]


def soak(rounds: int, folder: Path, seed: int) -> tuple[Told, list[str]]:
    """Kill it so many times; gives what the client was told, and everything that is wrong."""
    rng = random.Random(seed)
    data, notes, log = folder / "data", folder / "notes", folder / "log"
    restrictions = list(estate.phone_restrictions(RESTRICTIONS))
    listed = "\n".join(restriction.contacts[0].value for restriction in restrictions)
    serving.prepare(data, restrictions)
    phone, officer = serving.key(data, "phone_system"), serving.key(data, "case_officer")
    for number in range(rounds):
        _round(data, notes, log, (phone, officer), listed, rng.uniform(0.0, LONGEST))
        if sys.stderr.isatty() or number % 20 == 19:
            print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    told = noted(client.read(notes))
    wrong = compare(told, *recorded(data, told.asked))
    settings = serving.environment(data) | serving.AS_FAST_AS_IT_GOES
    with serving.serving([*NOCONTACT, "serve"], settings, log) as service:
        wrong += not_in_force(service.url, phone, told.changed)
    serving.run(data, "verify", "--data", str(data))  # raises NotServingError when it finds anything
    return told, wrong


def _round(data: Path, notes: Path, log: Path, keys: tuple[str, str], listed: str, seconds: float) -> None:
    """Start, load, kill. The moment is counted from the first answer, so that none falls before the load."""
    before = notes.stat().st_size if notes.exists() else 0
    settings = serving.environment(data) | serving.AS_FAST_AS_IT_GOES
    service = serving.start([*NOCONTACT, "serve"], settings, log)
    asking: subprocess.Popen[str] | None = None
    try:
        command = [sys.executable, "-m", "benchmarks.load.client", service.url, str(notes), *keys]
        asking = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if asking.stdin is not None:
            asking.stdin.write(listed)
            asking.stdin.close()
            asking.stdin = None
        until = time.monotonic() + serving.PATIENCE
        while not _was_told(notes, before) and asking.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(seconds)
    finally:
        service.kill()
        if service.process.stdout:
            service.process.stdout.close()
        if asking is not None:
            _, said = asking.communicate(timeout=60)
    if asking.returncode:
        raise NotServingError(f"the client stopped: {said[-600:]}")
    if not _was_told(notes, before):
        raise NotServingError("the client was told nothing in this round")


def _was_told(notes: Path, since: int) -> bool:
    if not notes.exists():
        return False
    with notes.open("rb") as file:
        file.seek(since)
        return b'["told"' in file.read()


def main() -> int:
    """Run it; exit status 1 when anything was forgotten."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="of the moments")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(1 << 32)
    began = time.monotonic()
    with TemporaryDirectory(prefix="nocontact-soak-") as folder:
        try:
            told, wrong = soak(asked.rounds, Path(folder), seed)
        except NotServingError as error:
            print(f"soak (seed {seed}): {error}", file=sys.stderr)
            return 2
    counts = Counter(answer for answers in told.decisions.values() for answer in answers)
    each = ", ".join(f"{count:,} {decision}" for decision, count in sorted(counts.items()))
    print(f"{asked.rounds} kills in {time.monotonic() - began:.0f} s (seed {seed})")
    print(f"{len(told.decisions):,} decisions told ({each}), {len(told.changed):,} changes acknowledged")
    print(f"{len(told.asked) - len(told.decisions):,} asked and never answered")
    for line in wrong[:20]:
        print(f"soak: {line}", file=sys.stderr)
    print(f"{len(wrong):,} forgotten or told otherwise; the ledger verifies")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
