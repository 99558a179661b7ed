"""The commands that screen what was tried once more: under another policy, and on the list of today."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from pathlib import Path

from rich.console import Console

from engine.blocklist import Blocklist
from engine.policy import read_policy
from service.blocklist import backtesting, exported, rescreening
from service.blocklist.backtesting import Backtest
from service.blocklist.rescreening import Plan
from service.cli.operator import ListNow, in_force
from service.cli.screening import load_blocklist

_stderr = Console(stderr=True, highlight=False)


def backtest(data: Path | None, policy: Path, days: int, folder: Path | None, processes: int | None) -> None:
    """Show what another policy would have decided in the last days. Nothing is changed by it."""
    with in_force(data) as now:
        proposed = read_policy(policy.read_bytes())
        if folder is None:
            done = backtesting.backtest(now.journal, now.blocklist, now.policy, proposed, days=days)
        else:
            plan = Plan(now.journal.clock(), now.policy, proposed)
            done = _on_all_cores(now, folder, days, plan, processes, data)
    _tell(done, days)


def rescreen(
    data: Path | None, folder: Path, days: int, processes: int | None, restrictions: Path | None
) -> None:
    """Show what would be answered otherwise today than it was in the last days, or what of it that was
    allowed a file of restrictions would have stopped."""
    with in_force(data) as now:
        plan = Plan(now.journal.clock(), None, now.policy, looking_back=restrictions is not None)
        if restrictions is not None:
            now = now._replace(blocklist=_list_of(restrictions))
        done = _on_all_cores(now, folder, days, plan, processes, data)
    _tell(done, days)


def _list_of(restrictions: Path) -> Blocklist:
    """A list of these alone. Raises ValueError where one cannot be read: it would not be looked for."""
    loaded = load_blocklist(restrictions)
    if loaded.errors:
        raise ValueError(loaded.errors[0])
    return loaded.blocklist


def _on_all_cores(
    now: ListNow,
    folder: Path,
    days: int,
    plan: Plan,
    processes: int | None,
    data: Path | None,
) -> Backtest:
    """Export, screen and compare in `folder`, or go on with it."""
    folder = folder.absolute()
    now.journal.saw(now.by.id, "blocklist", "saved to a folder to screen attempts again")
    about = exported.export(now.journal, folder / rescreening.ATTEMPTS, days)
    _stderr.print(f"{about.attempts:,} attempts up to {about.made:%Y-%m-%d %H:%M} UTC in {folder}")
    run = rescreening.begin(folder, about, now.blocklist, plan)
    try:
        with rescreening.executor_for(now.settings.cluster, processes) as executor:
            rescreening.screen_again(run, about, executor, data and data.absolute(), _progress)
    except BrokenExecutor:
        raise ValueError("a process that screens was ended; the same command goes on where it was") from None
    _stderr.print(f"as of {rescreening.plan_of(run).at:%Y-%m-%d %H:%M} UTC; each answer is in {run}")
    return rescreening.report(run, about)


def _progress(done: int, of: int) -> None:
    _stderr.print(f"{done:,} of {of:,} partitions", end="\r" if _stderr.is_terminal else "\n")


def _tell(report: Backtest, days: int) -> None:
    print(f"{report.attempts:,} attempts of the last {days} days, {report.unreadable:,} that cannot be read")
    for one in report.changed:
        print(f"{one.attempts:>8,}  {one.channel:8} {one.code:24} {one.now} -> {one.then}")
    if not report.changed:
        print("nothing would be decided otherwise")
    elif report.examples:
        print("for example records " + ", ".join(map(str, report.examples)))
