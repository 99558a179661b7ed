"""Attempts of a ledger exported, screened again on one core and on two, and compared: attempts a second.

python -m benchmarks.bulk [ATTEMPTS] [RESTRICTIONS]; 200,000 of 100,000 restrictions where nothing is said.
"""

from __future__ import annotations

import itertools
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from benchmarks import estate
from engine.blocklist import Blocklist, compile_blocklist
from engine.model import Action, Attempt, Channel, Decision
from engine.policy import read_policy
from service.blocklist.backtesting import MOST_AT_A_PAGE, backtest
from service.blocklist.exported import Export, export
from service.blocklist.rescreening import ATTEMPTS, Plan, begin, executor_for, report, screen_again
from service.ledger import payloads
from service.ledger.record import Kind, Record
from service.migrations import schema
from service.registry.journal import Journal
from service.storage import sealing
from service.storage.database import Database

SHARES: dict[Channel, float] = {"call": 0.80, "message": 0.15, "letter": 0.05}
ACTIONS: dict[Channel, Action] = {"call": "connect", "message": "deliver", "letter": "post"}
DAYS, AT_ONCE = 14, 5_000
T = TypeVar("T")


def attempts(count: int) -> Iterator[Attempt]:
    """Calls, messages and letters mixed as SHARES says, drawn of some thousands of each kind."""
    rng = random.Random(11)
    some: dict[Channel, list[Attempt]] = {
        "call": estate.calls(20_000),
        "message": estate.messages(4_000),
        "letter": estate.letters(4_000),
    }
    kinds, weights = list(some), [SHARES[kind] for kind in some]
    for _ in range(count):
        yield rng.choice(some[rng.choices(kinds, weights)[0]])


def fill(journal: Journal, count: int) -> None:
    """Record `count` attempts as allowed, a group in one transaction."""
    numbers = itertools.count()
    drawn = attempts(count)
    while group := list(itertools.islice(drawn, AT_ONCE)):
        records = [_record(journal, one, next(numbers)) for one in group]
        with journal.write() as connection:
            journal.append(connection, records)


def _record(journal: Journal, attempt: Attempt, number: int) -> Record:
    subject = f"attempt/{number:032x}"
    action = ACTIONS[attempt.channel]
    allowed = Decision(
        id=attempt.id, decision="allow", action=action, confidential=False, blocklist="", reasons=()
    )
    return Record(
        at=journal.clock(),
        kind=Kind.DECISION,
        actor="key:switch",
        subject=subject,
        prisoner=attempt.prisoner,
        channel=attempt.channel,
        outcome="allow",
        sealed=payloads.seal(journal.vault, subject, payloads.Decided(attempt, allowed)),
    )


def timed(what: str, count: int, work: Callable[[], T]) -> T:
    """Do it; print how many a second, and how many a second of a core: others work on the machine too."""
    began, busy = time.perf_counter(), _busy()
    done = work()
    took, busy = time.perf_counter() - began, _busy() - busy
    print(f"{what:44} {took:8.1f} s {count / took:10,.0f} a second {count / busy:10,.0f} a core", flush=True)
    return done


def _busy() -> float:
    """Seconds of a core that this process and those that it ended have had."""
    found = os.times()
    return found.user + found.system + found.children_user + found.children_system


def main(count: int, restrictions: int) -> None:
    """Print a line for each part."""
    text = files("engine").joinpath("policy.toml").read_bytes()
    live, strict = read_policy(), read_policy(text.replace(b'HOUSEHOLD = "flag"', b'HOUSEHOLD = "block"'))
    blocklist = timed(
        "the list compiled", restrictions, lambda: compile_blocklist(estate.full_restrictions(restrictions))
    )
    with TemporaryDirectory(prefix="nocontact-bulk-") as place:
        data, master = Path(place, "data"), sealing.new_master_key()
        data.mkdir()
        sealing.write_master_key(data / "master.key", master)
        database = Database(f"sqlite:///{data}/nocontact.db")
        schema.create(database)
        with database.write() as connection:
            sealing.make_keys(connection, master)
        now = datetime.now(UTC)
        journal = Journal(database, sealing.open_vault(database, master), lambda: now)
        timed("recorded in the ledger", count, lambda: fill(journal, count))
        few = min(count, MOST_AT_A_PAGE)
        timed(
            "backtest, one process, no files",
            few,
            lambda: backtest(journal, blocklist, live, strict, days=DAYS, limit=few),
        )
        folder = Path(place, "bulk")
        about = timed("exported", count, lambda: export(journal, folder / ATTEMPTS, DAYS))
        size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
        print(f"{about.partitions} partitions, {size / count:,.0f} bytes an attempt")
        for processes in (1, 2, 1, 2):
            plan = Plan(now + timedelta(seconds=processes), live, strict)
            _run(folder, about, plan, processes, data, blocklist)
        database.close()
    own, theirs = (
        resource.getrusage(who).ru_maxrss >> 10 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"memory at most {own:,} MB here, {theirs:,} MB in a process that screens")


def _run(folder: Path, about: Export, plan: Plan, processes: int, data: Path, blocklist: Blocklist) -> None:
    run = begin(folder, about, blocklist, plan)

    def screen() -> None:
        with executor_for(None, processes) as executor:
            screen_again(run, about, executor, data)

    timed(f"screened under both policies, {processes} processes", about.attempts, screen)
    done = timed("compared", about.attempts, lambda: report(run, about))
    print(f"{done.attempts:,} attempts, {sum(one.attempts for one in done.changed):,} otherwise")
    size = sum(file.stat().st_size for file in run.glob("*.parquet"))
    print(f"answers of {size / about.attempts:,.0f} bytes")
    for file in run.iterdir():
        file.unlink()


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*[*given, *(200_000, 100_000)[len(given) :]])
