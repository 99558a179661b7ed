"""Attempts that were exported, screened again on all cores of one machine or many: what would be otherwise.

A run is a folder beside the attempts, named by all that its answers rest on: the list, the policies, the
program. Each partition's answers are a file in it, so that a run that was killed goes on where it was. The
processes that screen share one copy of the list in memory, read where its file lies; each opens what is
sealed with the keys that it finds by its own settings, so that no key is handed on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine import saved
from engine.blocklist import FORMAT, Blocklist
from engine.policy import Policy
from engine.screener import Screener
from engine.window import MessageWindow
from service.blocklist import parquet
from service.blocklist.backtesting import MOST_EXAMPLES, Answer, Backtest, Changed, answer_of, code_of
from service.blocklist.exported import Export, ExportedAttempt, attempts_of
from service.ledger import payloads
from service.operations.cores import cores, end_with_parent
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database
from service.storage.memory import mapped
from service.storage.sealing import SealError, Vault
from service.storage.writing import write_whole

ATTEMPTS = "attempts"
"""Folder of the exported attempts, beside the runs."""
COLUMNS = {
    "seq": parquet.NUMBER,
    "channel": parquet.TEXT,
    "establishment": parquet.TEXT,
    "before": parquet.TEXT,
    "after": parquet.TEXT,
    "code": parquet.TEXT,
    "codes": parquet.TEXT,
}
"""What is kept of an attempt: its number in the ledger, both decisions, the reason codes of the second with
commas between, and in `code` the gravest reason of the stricter. Both are NULL where it cannot be opened."""


class Plan(msgspec.Struct, frozen=True):
    """What a run compares. Without `before` it is what was answered at the time."""

    at: datetime
    """The moment that attempts without a time of their own are screened at."""
    before: Policy | None
    after: Policy
    looking_back: bool = False
    """Whether only what was allowed is screened, each at its time: what a list would have stopped."""


class Job(NamedTuple):
    """One partition of a run, as a process is given it. `data` goes before that process's own setting."""

    run: Path
    partition: int
    data: Path | None = None


def begin(folder: Path, about: Export, blocklist: Blocklist, plan: Plan) -> Path:
    """The folder of a run over the attempts in `folder`; where it was begun before, the same with its moment.

    The list lies in it in the clear, for its owner alone, until `report` takes it away.
    """
    rests_on = (
        (version("nocontact"), FORMAT, about.made, about.last),
        (blocklist.version, blocklist.complete, blocklist.heightened),
        (plan.before and plan.before.version, plan.after.version, plan.looking_back),
    )
    name = hashlib.sha256(msgspec.json.encode(rests_on, order="deterministic")).hexdigest()
    run = folder / f"run-{name[:16]}"
    run.mkdir(mode=0o700, exist_ok=True)
    if not (run / _PLAN).exists():
        write_whole(run / _PLAN, msgspec.json.encode(plan))
    write_whole(run / _LIST, saved.save(blocklist))
    return run


def screen_again(
    run: Path,
    about: Export,
    executor: Executor,
    data: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> None:
    """Screen every partition that has no answers yet. Raises what a process raised; what is done is kept."""
    missing = [n for n in range(about.partitions) if not _answers(run, n).exists()]
    progress(about.partitions - len(missing), about.partitions)
    waiting = [executor.submit(screen_partition, Job(run, n, data)) for n in missing]
    try:
        for done, one in enumerate(as_completed(waiting), about.partitions - len(missing) + 1):
            one.result()
            progress(done, about.partitions)
    finally:
        for one in waiting:
            one.cancel()


def report(run: Path, about: Export) -> Backtest:
    """What would be otherwise. Raises ValueError while a partition has no answers; the list goes."""
    files = [_answers(run, n) for n in range(about.partitions)]
    if missing := sum(not file.exists() for file in files):
        raise ValueError(f"{run}: {missing:,} of {len(files):,} partitions have no answers")
    answered, unreadable = next(
        parquet.query("SELECT count(after), count(*) - count(after) FROM $files", files)
    )
    wanted = about.allowed if plan_of(run).looking_back else about.attempts
    if answered + unreadable != wanted:
        raise ValueError(f"{run}: {answered + unreadable:,} answers to {wanted:,} attempts")
    changed = parquet.query(
        "SELECT channel, coalesce(code, ''), before, after, count(*) FROM $files WHERE before <> after"
        " GROUP BY ALL ORDER BY ALL",
        files,
    )
    examples = parquet.query(
        "SELECT seq FROM $files WHERE before <> after ORDER BY seq DESC LIMIT $1", files, MOST_EXAMPLES
    )
    done = Backtest(
        answered, unreadable, tuple(Changed(*row) for row in changed), tuple(seq for (seq,) in examples)
    )
    (run / _LIST).unlink(missing_ok=True)
    return done


def plan_of(run: Path) -> Plan:
    """What a run compares."""
    return msgspec.json.decode((run / _PLAN).read_bytes(), type=Plan)


@contextmanager
def executor_for(cluster: str | None, processes: int | None) -> Iterator[Executor]:
    """What runs the jobs: the Dask cluster at an address, else `processes` of this machine, one a core."""
    if cluster is None:
        with ProcessPoolExecutor(processes or cores(), get_context("spawn"), end_with_parent) as pool:
            yield pool
        return
    try:
        from distributed import Client
    except ImportError:
        raise parquet.MissingError("distributed") from None
    with Client(cluster) as client:  # type: ignore[no-untyped-call]
        yield client.get_executor(pure=False)


def screen_partition(job: Job) -> None:
    """Screen one partition, and put its answers into their file."""
    tools = _tools(job.run, job.data)
    window = MessageWindow()
    attempts = attempts_of(job.run.parent / ATTEMPTS, job.partition)
    rows = [tools.row(attempt, window) for attempt in attempts if tools.concerns(attempt)]
    parquet.write(_answers(job.run, job.partition), COLUMNS, rows)


class _Tools(NamedTuple):
    """What a process needs for a run."""

    vault: Vault
    at: datetime | None
    """None where each is screened at its own time."""
    before: Screener | None
    after: Screener

    def concerns(self, past: ExportedAttempt) -> bool:
        """Whether the run is about it."""
        return self.at is not None or past.outcome == "allow"

    def row(self, past: ExportedAttempt, window: MessageWindow) -> tuple[object, ...]:
        """The answers to an attempt, in the order of COLUMNS."""
        try:
            attempt = payloads.attempt_of(self.vault, past.subject, past.sealed)
        except SealError:
            return past.seq, past.channel, past.establishment, None, None, None, None
        at, earlier = self.at or past.at, window.before(attempt, past.seq)
        decision = self.after.check(attempt, at, earlier)
        window.remember(attempt, past.seq, decision)
        after = answer_of(decision)
        if self.before is not None:
            before = answer_of(self.before.check(attempt, at, earlier))
        else:
            before = Answer(past.outcome or "", tuple((past.codes or "").split(",")))
        code = code_of(before, after)
        codes = ",".join(after.codes)
        return past.seq, past.channel, past.establishment, before.decision, after.decision, code, codes


@cache
def _tools(run: Path, data: Path | None) -> _Tools:
    """Made once in a process."""
    settings = Settings() if data is None else Settings(data=data)
    database = Database(settings.url)
    try:
        vault = sealing.open_vault(database, sealing.read_master_key(settings))
    finally:
        database.close()
    plan = plan_of(run)
    blocklist = saved.load(mapped(run / _LIST))
    before = None if plan.before is None else Screener(blocklist, plan.before)
    return _Tools(vault, None if plan.looking_back else plan.at, before, Screener(blocklist, plan.after))


_PLAN, _LIST = "plan.json", "list.saved"


def _answers(run: Path, partition: int) -> Path:
    return run / f"{partition:06d}.parquet"
