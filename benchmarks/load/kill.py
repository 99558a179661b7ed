"""Kill the service at random moments under load, and count what it forgot.

    make soak

Each round starts the service, from the list that was kept, puts it under load from another process, and ends
it with SIGKILL after a moment that nobody chose. Meanwhile a second person confirms what was asked to be
withdrawn. The first answers after each start have to be those of the right list: what was acknowledged
before the kill is blocked, what was withdrawn is not. At the end every decision that a client was told has to
be in the ledger, once, as it was told, and `nocontact verify` has to find nothing.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
from sqlalchemy import select

from benchmarks import estate
from benchmarks.load import client, serving
from benchmarks.load.serving import NOCONTACT, NotServingError, Serving
from service.access.model import Principal, Role
from service.check.requests import request_key
from service.ledger.record import Kind, ledger
from service.registry.registry import Registry
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database

RESTRICTIONS = 300
"""Few, so that a start takes no longer than it has to."""
LONGEST = 1.5
"""Seconds under load before the kill, at most: from the first request to well into the steady state."""
PATIENCE = 60.0
"""Seconds for a list to be in force after a start."""
LOOKED_AT_AGAIN = 40
"""Of the changes before the last round, so many are tried again after each start."""
SECOND = Principal("user:second", frozenset({Role.REVIEWER}), person=True)
"""Who confirms."""


class Told(NamedTuple):
    """What the client's notes come to."""

    decisions: dict[str, set[str]]
    """What was told under each id."""
    asked: set[str]
    changed: dict[str, str]
    """Numbers of the restrictions that were acknowledged, by id."""
    withdrawn: frozenset[str] = frozenset()
    """Of these, those that were withdrawn."""
    doubtful: frozenset[str] = frozenset()
    """Those of which nobody knows, since the confirmation was under way."""


class Outcome(NamedTuple):
    """What came of it."""

    told: Told
    wrong: list[str]
    tried: int
    """Changes that were tried in the first answers after starts."""
    from_kept: int
    """Starts that served from the kept list."""


def noted(lines: Iterable[list[str]]) -> Told:
    """The notes, sorted."""
    decisions: dict[str, set[str]] = {}
    asked: set[str] = set()
    changing: dict[str, str] = {}
    changed: dict[str, str] = {}
    doubtful: set[str] = set()
    withdrawn: set[str] = set()
    for kind, name, *rest in lines:
        if kind == "asked":
            asked.add(name)
        elif kind == "told":
            decisions.setdefault(name, set()).add(rest[0])
        elif kind == "changing":
            changing[name] = rest[0]
        elif kind == "changed":
            changed[name] = changing[name]
        elif kind == "withdrawing":
            doubtful.add(name)
        elif kind == "withdrawn":
            withdrawn.add(name)
    return Told(decisions, asked, changed, frozenset(withdrawn), frozenset(doubtful - withdrawn))


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


def not_right(url: str, phone: str, told: Told, ids: Iterable[str], notes: client.Notes) -> list[str]:
    """Of these changes, those of which the first answer is not that of the right list."""
    wrong, until = [], time.monotonic() + PATIENCE
    with httpx.Client(headers={"Authorization": f"Bearer {phone}"}, timeout=30) as session:
        for name in ids:
            attempt, to = f"after-{name}-{time.monotonic_ns()}", told.changed[name]
            body = {"id": attempt, "prisoner": "X1234BC", "establishment": "LEI", "to": to}
            notes.add("asked", attempt, to)
            answer = session.post(f"{url}/v1/check/call", json=body)
            while answer.status_code == 503 and time.monotonic() < until:
                time.sleep(0.02)
                answer = session.post(f"{url}/v1/check/call", json=body)
            if answer.status_code != 200:
                wrong.append(f"{name}: {answer.status_code} after a start")
                continue
            decision = answer.json()["decision"]
            notes.add("told", attempt, decision)
            if name in told.withdrawn and decision == "block":
                wrong.append(f"{name}: withdrawn, and still in force")
            elif name not in told.withdrawn and decision != "block":
                wrong.append(f"{name}: acknowledged, and not in force: {decision}")
    return wrong


def soak(rounds: int, folder: Path, seed: int) -> Outcome:
    """Kill it so many times."""
    rng = random.Random(seed)
    data, notes, log = folder / "data", folder / "notes", folder / "log"
    restrictions = list(estate.phone_restrictions(RESTRICTIONS))
    listed = "\n".join(restriction.contacts[0].value for restriction in restrictions)
    serving.prepare(data, restrictions)
    keys = serving.key(data, "phone_system"), serving.key(data, "case_officer")
    settings = serving.environment(data) | serving.AS_FAST_AS_IT_GOES
    wrong: list[str] = []
    tried: set[str] = set()
    count = 0
    written = client.Notes(notes)
    with serving.serving([*NOCONTACT, "serve"], settings, log) as service:  # it keeps its list at the end
        not_right(service.url, keys[0], Told({}, set(), {"R0": listed.partition("\n")[0]}), ["R0"], written)
    with _second_person(data, written) as confirm:
        for number in range(rounds + 1):
            told = noted(client.read(notes))
            known = told.changed.keys() - told.doubtful
            ids = [
                *(known - tried),
                *rng.sample(sorted(known & tried), min(LOOKED_AT_AGAIN, len(known & tried))),
            ]
            tried, count = tried | known, count + len(ids)
            with _started(settings, log) as service:
                wrong += not_right(service.url, keys[0], told, ids if number < rounds else known, written)
                if number < rounds:
                    _load(service, notes, keys, listed, rng.uniform(0.0, LONGEST), confirm)
            if sys.stderr.isatty() or number % 20 == 19:
                print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    told = noted(client.read(notes))
    wrong += compare(told, *recorded(data, told.asked))
    said = log.read_text()
    wrong += [f"the log says {event}" for event in ALARMS if event in said]
    serving.run(data, "verify", "--data", str(data))  # raises NotServingError when it finds anything
    return Outcome(told, wrong, count, said.count('"kept_list_taken"'))


ALARMS = ("kept_list_refused", "registry_says_less_than_the_kept_list", "list_not_kept")
"""What no start after a kill may find."""


@contextmanager
def _second_person(data: Path, notes: client.Notes) -> Iterator[Callable[[], None]]:
    """Somebody who confirms what was asked to be withdrawn, beside the service: the oldest at each call."""
    settings = Settings(data=data, _env_file=None)  # type: ignore[call-arg]
    database = Database(settings.url)
    vault = sealing.open_vault(database, sealing.read_master_key(settings))
    registry = Registry(database, vault, lambda: datetime.now(UTC))

    def confirm() -> None:
        for asked in registry.approvals.list(limit=1):
            notes.add("withdrawing", asked.subject)
            registry.approvals.view(SECOND, asked.id, "to decide")
            registry.approvals.confirm(SECOND, asked.id)
            notes.add("withdrawn", asked.subject)

    try:
        yield confirm
    finally:
        database.close()


@contextmanager
def _started(settings: dict[str, str], log: Path) -> Iterator[Serving]:
    """The service, killed at the end."""
    service = serving.start([*NOCONTACT, "serve"], settings, log)
    try:
        yield service
    finally:
        service.kill()
        if service.process.stdout:
            service.process.stdout.close()


def _load(
    service: Serving,
    notes: Path,
    keys: tuple[str, str],
    listed: str,
    seconds: float,
    confirm: Callable[[], None],
) -> None:
    """Load, and kill. The moment is counted from the first answer, so that none falls before the load."""
    before = notes.stat().st_size if notes.exists() else 0
    command = [sys.executable, "-m", "benchmarks.load.client", service.url, str(notes), *keys]
    asking = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        if asking.stdin is not None:
            asking.stdin.write(listed)
            asking.stdin.close()
            asking.stdin = None
        until = time.monotonic() + serving.PATIENCE
        while not _was_told(notes, before) and asking.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            confirm()
            time.sleep(min(left, 0.05))
    finally:
        service.kill()
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
            told, wrong, tried, from_kept = soak(asked.rounds, Path(folder), seed)
        except NotServingError as error:
            print(f"soak (seed {seed}): {error}", file=sys.stderr)
            return 2
    counts = Counter(answer for answers in told.decisions.values() for answer in answers)
    each = ", ".join(f"{count:,} {decision}" for decision, count in sorted(counts.items()))
    print(f"{asked.rounds} kills in {time.monotonic() - began:.0f} s (seed {seed})")
    print(f"{len(told.decisions):,} decisions told ({each}), {len(told.changed):,} changes acknowledged")
    print(f"{len(told.withdrawn):,} of them withdrawn; {tried:,} tried in the first answers after the starts")
    print(f"{from_kept:,} of {asked.rounds + 2:,} starts were from the kept list")
    print(f"{len(told.asked) - len(told.decisions):,} asked and never answered")
    for line in wrong[:20]:
        print(f"soak: {line}", file=sys.stderr)
    print(f"{len(wrong):,} forgotten or told otherwise; the ledger verifies")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
