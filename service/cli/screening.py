"""Files of restrictions and attempts through the engine: decisions out, one a line, nothing lost.

A source that cannot be read in part is used in part, says so, and allows nothing any more: its blocklist
is not complete. An attempt that cannot be read gets an error in its place.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from engine import jsonl
from engine.blocklist import Blocklist, compile_blocklist
from engine.jsonl import InputError
from engine.listing import PartlyReadError
from engine.model import Attempt, ConfidentialEntry, Decision, Restriction
from engine.screener import Screener
from engine.window import MessageWindow
from service.blocklist.compiling import on_every_core
from service.storage.lines import NumberedLine, SeenIds, read_lines

_encoder = msgspec.json.Encoder()


class LineError(msgspec.Struct, frozen=True):
    """What stands in the place of a line that cannot be read."""

    line: int
    error: str


class LoadedBlocklist(NamedTuple):
    """A blocklist from files, with what was wrong in them ("FILE line N: what") and what is worth knowing."""

    blocklist: Blocklist
    errors: list[str]
    notes: list[str]


def load_blocklist(restrictions: Path, confidential: Path | None = None) -> LoadedBlocklist:
    """Compile the files. Raises OSError when one cannot be opened."""
    errors: list[str] = []
    notes: list[str] = []
    lost = Counter[str]()

    def complain(path: Path, line: NumberedLine, error: str, *, loses: bool = True) -> None:
        errors.append(f"{path.name} line {line.number}: {error}")
        lost[path.name] += loses

    def read(path: Path, file: BinaryIO) -> Iterator[Restriction]:
        with SeenIds() as seen:
            for line in read_lines(file):
                try:
                    restriction, _, told = jsonl.read_restriction(_text(line))
                except InputError as error:
                    complain(path, line, str(error))
                    continue
                for unread in restriction.unread:
                    complain(path, line, unread, loses=False)  # it stands against those whom it names
                notes.extend(f"{path.name} line {line.number}: {note}" for note in told)
                first = seen.first_line(restriction.id, line.number)
                if first != line.number:
                    # Kept in force: two restrictions by one name are a clerical error, not a withdrawal.
                    complain(path, line, f"id: the same as on line {first}; both are in force", loses=False)
                yield restriction

    def read_register(path: Path, file: BinaryIO) -> Iterator[ConfidentialEntry]:
        for line in read_lines(file):
            try:
                entry, problems, told = jsonl.read_confidential(_text(line))
            except InputError as error:
                complain(path, line, str(error), loses=False)
                continue
            for problem in problems:
                complain(path, line, str(problem), loses=False)
            notes.extend(f"{path.name} line {line.number}: {note}" for note in told)
            yield entry

    def uncompiled(source: Restriction | ConfidentialEntry, error: Exception) -> None:
        name = restrictions.name if isinstance(source, Restriction) or not confidential else confidential.name
        if isinstance(error, PartlyReadError):  # told with its line
            return
        errors.append(f"{name}: {source.id}: it cannot be compiled ({type(error).__name__})")
        lost[name] += isinstance(source, Restriction)

    register: list[ConfidentialEntry] = []
    if confidential is not None:
        with confidential.open("rb") as file:
            register = list(read_register(confidential, file))
    with restrictions.open("rb") as file:
        blocklist = compile_blocklist(
            read(restrictions, file), register, lost=uncompiled, compiling=on_every_core
        )
    if not len(blocklist.restricted):
        errors.append(f"{restrictions.name}: no restriction in it; nothing can be allowed")
    complete = not lost[restrictions.name]
    return LoadedBlocklist(msgspec.structs.replace(blocklist, complete=complete), errors, notes)


class Summary:
    """Counts of a run: decisions by channel, reasons by code, errors."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.decisions = Counter[tuple[str, str]]()
        self.reasons = Counter[str]()
        self.errors: list[LineError] = []
        self.error_count = 0
        self.lines = 0

    def add(self, attempt: Attempt, decision: Decision) -> None:
        """Count one decision."""
        self.decisions[attempt.channel, decision.decision] += 1
        self.reasons.update(reason.code for reason in decision.reasons)

    def add_error(self, error: LineError) -> None:
        """Count one error; the first twenty are kept to be shown."""
        self.error_count += 1
        if len(self.errors) < 20:
            self.errors.append(error)


def screen(
    screener: Screener, file: BinaryIO, at: datetime, progress: Callable[[int], None] = lambda size: None
) -> Iterator[tuple[bytes, Summary]]:
    """Decide on every line of `file`: (one JSON line with its newline, the counts so far).

    `at` is the clock for attempts that carry no time; `progress` is told how many bytes each line took.
    """
    summary = Summary()
    window = MessageWindow()
    with SeenIds() as seen:
        for line in read_lines(file):
            summary.lines += 1
            try:
                attempt = jsonl.read_attempt(_text(line))
                first = seen.first_line(attempt.id, line.number)
                if first != line.number:
                    raise InputError("id", f"the same as on line {first}")
                decision = screener.check(attempt, at, window.before(attempt, attempt.id))
                window.remember(attempt, attempt.id, decision)
            except InputError as error:
                answer = LineError(line.number, str(error))
                summary.add_error(answer)
                yield _encoder.encode(answer) + b"\n", summary
            else:
                summary.add(attempt, decision)
                yield _encoder.encode(decision) + b"\n", summary
            progress(len(line.text) + 1)


def _text(line: NumberedLine) -> bytes:
    if line.error:
        raise InputError("", line.error)
    return line.text
