"""`nocontact screen` and `nocontact explain`: attempts against files of restrictions, no service needed."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

import click
import msgspec
from click.exceptions import Exit

from engine import dates, jsonl
from engine.jsonl import InputError
from engine.listing import Listing
from engine.model import Attempt
from engine.policy import Policy, PolicyError, read_policy
from engine.screener import Screener
from service.cli import screening
from service.cli.screening import LoadedBlocklist, Summary

MOST_NOTES = 20
"""Notes on the lists that are shown."""


class Files(NamedTuple):
    """What attempts are held against."""

    restrictions: Path
    confidential: Path | None
    policy: Path | None
    """In place of the packaged one."""


def screen(against: Files, attempts: str, at: str | None) -> None:
    """Decide on a file of attempts, `-` for standard input: one decision a line on standard output."""
    started = time.perf_counter()
    moment = _moment(at)
    with ExitStack() as files:
        file, size = _open_attempts(attempts, files)
        screener, errors = _screener(against)
        summary = Summary()
        out = sys.stdout.buffer
        with _progress(size) as advance:
            for answer, counts in screening.screen(screener, file, moment, advance):
                summary = counts
                out.write(answer)
                if not size:
                    out.flush()
            out.flush()
    _report(summary, errors, time.perf_counter() - started)
    if not summary.lines:
        _complain(f"{attempts}: empty, no attempt in it")
    if errors or summary.error_count or not summary.lines:
        raise Exit(1)


def explain(
    against: Files,
    given: str | None,
    recipients: Mapping[str, str | None],
    more: Mapping[str, str | None],
    restriction: str | None,
    at: str | None,
) -> None:
    """Show one attempt: `given` as JSON, else the one recipient by channel, with `more` fields.

    `restriction` is the id of one to hold beside it in any case.
    """
    from rich.console import Console

    from service.explain import decision

    moment = _moment(at)
    try:
        one = _one_attempt(given, recipients, more)
    except InputError as error:
        _complain(f"attempt: {error}")
        raise Exit(2) from None
    screener, errors = _screener(against)
    for problem in errors:
        _complain(problem)
    beside = _restriction(screener, restriction) if restriction is not None else None
    decision.show(Console(highlight=False), screener, one, screener.check(one, moment), beside)
    if errors:
        raise Exit(1)


@contextmanager
def _progress(size: int) -> Iterator[Callable[[int], None]]:
    """A bar over `size` bytes, where somebody sees it: told how many more are done."""
    if not sys.stderr.isatty() or not size:
        yield lambda more: None
        return
    with click.progressbar(length=size, label="screening", file=sys.stderr) as bar:
        yield bar.update


def _one_attempt(
    given: str | None, recipients: Mapping[str, str | None], more: Mapping[str, str | None]
) -> Attempt:
    """An attempt from JSON or from options. Raises InputError."""
    if given is not None:
        return jsonl.read_attempt(sys.stdin.buffer.read() if given == "-" else given)
    chosen = [(channel, to) for channel, to in recipients.items() if to is not None]
    if len(chosen) != 1:
        raise InputError("", "one of ATTEMPT, --call, --message and --letter is needed")
    channel, to = chosen[0]
    fields = {"id": "explained", "channel": channel, "to": to.replace("\\n", "\n"), **more}
    return jsonl.read_attempt(msgspec.json.encode(fields))


def _restriction(screener: Screener, identifier: str) -> Listing:
    restricted = screener.blocklist.restricted
    for row in range(len(restricted)):
        listing = restricted.listing(row)
        if listing.restriction.id == identifier:
            return listing
    _complain(f"--against: no restriction {identifier}")
    raise Exit(2)


def _moment(at: str | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    try:
        return dates.starts(at)
    except ValueError:
        _complain("--at: not an ISO 8601 date or time")
        raise Exit(2) from None


def _open_attempts(name: str, files: ExitStack) -> tuple[BinaryIO, int]:
    """The input and its size in bytes; size 0 for a pipe, which is answered line by line."""
    if name == "-":
        return sys.stdin.buffer, 0
    try:
        file = files.enter_context(Path(name).open("rb"))  # noqa: SIM115
        return file, Path(name).stat().st_size
    except OSError as error:
        _complain(f"{name}: {error.strerror}")
        raise Exit(2) from None


def _screener(files: Files) -> tuple[Screener, list[str]]:
    """A screener over the files, with what was wrong in them; exit 2 when one cannot be used at all."""
    try:
        chosen: Policy = read_policy(files.policy.read_bytes() if files.policy else None)
        loaded: LoadedBlocklist = screening.load_blocklist(files.restrictions, files.confidential)
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}")
        raise Exit(2) from None
    except PolicyError as error:
        _complain(f"policy: {error}")
        raise Exit(2) from None
    for note in loaded.notes[:MOST_NOTES]:
        _complain(note)
    if len(loaded.notes) > MOST_NOTES:
        _complain(f"… and {len(loaded.notes) - MOST_NOTES:,} more notes")
    return Screener(loaded.blocklist, chosen), loaded.errors


def _report(summary: Summary, errors: list[str], seconds: float) -> None:
    for error in errors:
        _complain(error)
    for line_error in summary.errors:
        _complain(f"line {line_error.line}: {line_error.error}")
    if summary.error_count > len(summary.errors):
        _complain(f"… and {summary.error_count - len(summary.errors):,} more lines")
    if errors:
        _complain("the blocklist is not complete: what would be allowed is flagged")
    for channel in ("call", "message", "letter"):
        counts = {v: summary.decisions[channel, v] for v in ("allow", "flag", "block")}
        if total := sum(counts.values()):
            each = ", ".join(f"{n:,} {verdict}" for verdict, n in counts.items())
            _say(f"{total:,} {channel}{'s' if total > 1 else ''}: {each}")
    _say(f"{summary.lines:,} lines, {summary.error_count:,} not readable, {seconds:.1f} s")


def _complain(text: str) -> None:
    click.secho(f"nocontact: {text}", err=True, fg="red")


def _say(text: str) -> None:
    click.echo(text, err=True)
