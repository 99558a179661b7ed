"""What `make run` shows: the demonstration screened and explained, the public cases scored, what to try next.

    python -m service.demonstration.tour

Goes through `service.cli.screening`, as the command does. Exit status 1 when the demonstration's answers
are not the expected ones. Of the public cases only counts are printed, never a number, an address or a text.
"""

import ast
import inspect
import shlex
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, get_args

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine import model
from engine.model import Attempt, Channel, Decision, ReasonCode
from engine.policy import read_policy
from engine.screener import Screener
from service import demonstration
from service.cli import screening
from service.cli.screening import LineError, Summary
from service.demonstration import Demonstration
from service.explain import decision

FOLDER = Path("var/demonstration")
PUBLIC_CASES = Path(__file__).resolve().parents[3] / "shared/data/cases"
"""Beside the checkout, where somebody has put them."""
EXPLAINED = (
    "141 in front, which withholds the caller's number",
    "one digit wrong, his own restriction",
    "a number in words",
    "to another name at the address",
    "the neighbour, next door",
    "a confidential call",
)
"""What the explained decisions show, in this order."""

_COLOURS: dict[str, str] = {"allow": "green", "flag": "yellow", "block": "red"}
_VERDICTS = ("allow", "flag", "block")
_SPECIAL_RUNS = (ReasonCode.STALE_BLOCKLIST, ReasonCode.MATCHER_FAILED)
_OF_CALLS = (
    ReasonCode.CALL_MOVED,
    ReasonCode.VOICE_MISMATCH,
    ReasonCode.SHARED_CONTACT,
    ReasonCode.PROBING,
    ReasonCode.DOUBTFUL_READING,
    ReasonCode.UNVERIFIED_PRIVILEGE,
    ReasonCode.HEIGHTENED,
    ReasonCode.NOT_HELD_HERE,
)
"""Told by the switch, found over several attempts, ordered for a prisoner, or a node's own: in no file of
attempts."""

Answer = Decision | LineError


class Truth(msgspec.Struct, frozen=True):
    """What a public case says of one attempt."""

    id: str
    expect: str
    kind: str


class AnsweredFile(NamedTuple):
    """One file of attempts, answered: the screener, the answers in order, the counts, the seconds."""

    screener: Screener
    answers: list[Answer]
    summary: Summary
    seconds: float


def main() -> int:
    """Give the tour; returns the exit status."""
    console = Console(highlight=False)
    started = time.perf_counter()
    made = demonstration.make()
    demonstration.write(made, FOLDER)
    run = screen_folder(FOLDER)
    _heading(console, "The demonstration")
    _say(
        console,
        f"{len(made.restrictions):,} restrictions and {len(made.attempts):,} attempts of invented people, in "
        f"{FOLDER}/, screened in {run.seconds:.1f} s.",
    )
    console.print()
    console.print(_decisions_table(run.summary))
    _heading(console, "Why: reasons found")
    console.print(_reasons_table(run.summary))
    _say(
        console, f"{' and '.join(_SPECIAL_RUNS)} take a missing list or a failing part: see docs/reasons.md."
    )
    _say(
        console,
        f"{', '.join(_OF_CALLS)} come from calls that are up, from several attempts, and from orders.",
    )
    _show_explained(console, run, made)
    wrong = unexpected(made, run.answers)
    _show_verdict(console, made, wrong)
    _show_public_cases(console)
    _show_next(console, made)
    console.print(Text(f"The whole tour took {time.perf_counter() - started:.0f} s.", "dim"))
    return 1 if wrong else 0


def screen_folder(folder: Path) -> AnsweredFile:
    """Screen a folder's attempts against its restrictions and its register, if it has one."""
    started = time.perf_counter()
    register = folder / demonstration.CONFIDENTIAL
    restrictions = folder / demonstration.RESTRICTIONS
    loaded = screening.load_blocklist(restrictions, register if register.exists() else None)
    screener = Screener(loaded.blocklist, read_policy())
    answers: list[Answer] = []
    summary = Summary()
    with (folder / demonstration.ATTEMPTS).open("rb") as file:
        for line, counts in screening.screen(screener, file, datetime.now(UTC)):
            answers.append(_answer(line))
            summary = counts
    return AnsweredFile(screener, answers, summary, time.perf_counter() - started)


def unexpected(made: Demonstration, answers: list[Answer]) -> list[str]:
    """Where the answers are not the expected ones: "ID (what it shows): expected this, got that"."""
    wrong = []
    for expected, answer in zip(made.expected, answers, strict=True):
        want = expected.reason or "no reason"
        if isinstance(answer, LineError):
            wrong.append(f"{expected.id} ({expected.shows}): {answer.error}")
            continue
        codes = [reason.code for reason in answer.reasons]
        found = expected.reason in codes if expected.reason else not codes
        if answer.decision != expected.decision or not found:
            got = " ".join([answer.decision, *codes])
            wrong.append(f"{expected.id} ({expected.shows}): expected {expected.decision} {want}, got {got}")
    return wrong


def score(folder: Path, answers: list[Answer]) -> Counter[tuple[str, str, str]]:
    """Counts of a public case by (expected, kind, decision); "missing" where there is no decision."""
    decided = {a.id: a.decision for a in answers if isinstance(a, Decision)}
    counts = Counter[tuple[str, str, str]]()
    for line in (folder / "truth.jsonl").read_bytes().splitlines():
        truth = msgspec.json.decode(line, type=Truth)
        counts[truth.expect, truth.kind, decided.get(truth.id, "missing")] += 1
    return counts


def meanings() -> dict[ReasonCode, str]:
    """What every reason code means, in one sentence: the words that stand beside it in `engine.model`."""
    (enum,) = ast.parse(textwrap.dedent(inspect.getsource(model.ReasonCode))).body
    assert isinstance(enum, ast.ClassDef)  # noqa: S101 - a class is what was parsed
    found: dict[ReasonCode, str] = {}
    for statement, words in zip(enum.body, enum.body[1:], strict=False):
        match statement, words:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                found[ReasonCode[name]] = text
    return found


def _answer(line: bytes) -> Answer:
    try:
        return msgspec.json.decode(line, type=Decision)
    except msgspec.ValidationError:
        return msgspec.json.decode(line, type=LineError)


# ── the demonstration ───────────────────────────────────────────────────────────────────────────────────


def _decisions_table(summary: Summary) -> Table:
    table = _table("channel", *_VERDICTS, "together")
    for channel in get_args(Channel):
        counts = [summary.decisions[channel, verdict] for verdict in _VERDICTS]
        cells = [Text(f"{n:,}", _COLOURS[v]) for n, v in zip(counts, _VERDICTS, strict=True)]
        table.add_row(f"{channel}s", *cells, f"{sum(counts):,}")
    return table


def _reasons_table(summary: Summary) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("reason code", no_wrap=True)
    table.add_column("times", justify="right")
    table.add_column("meaning")
    meaning = meanings()
    for code in sorted(ReasonCode, key=lambda code: (-summary.reasons[code], code)):
        if code not in (*_SPECIAL_RUNS, *_OF_CALLS):
            table.add_row(code, f"{summary.reasons[code]:,}", meaning[code])
    return table


def _show_explained(console: Console, run: AnsweredFile, made: Demonstration) -> None:
    for n, shows in enumerate(EXPLAINED, 1):
        at = next(i for i, expected in enumerate(made.expected) if expected.shows == shows)
        answer = run.answers[at]
        _heading(console, f"Explained, {n} of {len(EXPLAINED)}: {shows}")
        if isinstance(answer, Decision):
            if not answer.reasons:
                _say(console, f"Listed for this prisoner: {_own_address(made, made.attempts[at])}")
            decision.show(console, run.screener, made.attempts[at], answer)


def _own_address(made: Demonstration, attempt: Attempt) -> str:
    own = next(r for r in made.restrictions if attempt.prisoner in r.prisoners)
    return next(contact.value for contact in own.contacts if contact.kind == "address")


def _show_verdict(console: Console, made: Demonstration, wrong: list[str]) -> None:
    _heading(console, "As expected?")
    right = len(made.expected) - len(wrong)
    _say(console, f"{right:,} of {len(made.expected):,} attempts were answered as expected.")
    for text in wrong[:20]:
        _say(console, text, "red")


# ── the public cases ────────────────────────────────────────────────────────────────────────────────────


def _show_public_cases(console: Console) -> None:
    _heading(console, "Public cases: real inputs with known answers")
    folders = sorted(path.parent for path in PUBLIC_CASES.glob("*/truth.jsonl"))
    if not folders:
        _say(console, "Not present beside this checkout (../shared/data/cases): left out.")
        return
    _say(console, "Each row: what should happen, how many there are, and what did happen in percent.")
    for folder in folders:
        with console.status(f"screening {folder.name}"):
            run = screen_folder(folder)
            counts = score(folder, run.answers)
        console.print()
        console.print(
            Text.assemble((folder.name, "bold"), f"  {run.summary.lines:,} attempts, {run.seconds:.1f} s")
        )
        console.print(_score_table(counts))


def _score_table(counts: Counter[tuple[str, str, str]]) -> Table:
    columns = ("block", "flag", "allow") + (("missing",) if any(d == "missing" for _, _, d in counts) else ())
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("should", max_width=13)
    table.add_column("kind", width=32)
    for name in ("number", *columns):
        table.add_column(name, justify="right")
    for expect, kind in sorted({(expect, kind) for expect, kind, _ in counts}):
        found = [counts[expect, kind, column] for column in columns]
        number = sum(found)
        table.add_row(expect, kind, f"{number:,}", *(f"{100 * n / number:.2f}" for n in found))
    return table


# ── what next ───────────────────────────────────────────────────────────────────────────────────────────


def _show_next(console: Console, made: Demonstration) -> None:
    _heading(console, "Try it yourself")
    lists = [
        ["--restrictions", str(FOLDER / demonstration.RESTRICTIONS)],
        ["--confidential", str(FOLDER / demonstration.CONFIDENTIAL)],
    ]
    attempts, decisions = str(FOLDER / demonstration.ATTEMPTS), str(FOLDER / "decisions.jsonl")
    call = _of(made, "141 in front, which withholds the caller's number")
    letter = _of(made, "no house number")
    for words, parts in (
        ("screen", [*lists, [attempts], [">", decisions]]),
        ("explain", [*lists, ["--call", call.to.replace("141", "1470")], *_sender(call)]),
        ("explain", [*lists, ["--letter", letter.to.replace("\n", ", ")], *_sender(letter)]),
    ):
        console.print()
        for line in _command([_command_name(), words], parts):
            # Written as it is, so that no line is broken where a shell would not join it.
            console.print(Text(line, "bold"), soft_wrap=True)
    console.print()


def _of(made: Demonstration, shows: str) -> Attempt:
    return next(a for a, e in zip(made.attempts, made.expected, strict=True) if e.shows == shows)


def _sender(attempt: Attempt) -> Iterator[list[str]]:
    yield ["--prisoner", str(attempt.prisoner), "--establishment", str(attempt.establishment)]


def _command(name: list[str], parts: list[list[str]]) -> Iterator[str]:
    yield shlex.join(name) + " \\"
    for n, part in enumerate(parts, 1):
        quoted = " ".join(word if word == ">" else shlex.quote(word) for word in part)
        yield f"  {quoted}" + (" \\" if n < len(parts) else "")


def _command_name() -> str:
    """The installed command, as somebody in this folder would type it."""
    installed = Path(sys.executable).with_name("nocontact")
    here = Path.cwd()
    if not installed.exists():
        return "nocontact"
    return str(installed.relative_to(here)) if installed.is_relative_to(here) else str(installed)


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, "bold"))
    console.print(Text("─" * min(len(text), console.width), "dim"))


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style))


def _table(first: str, *rest: str) -> Table:
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    table.add_column(first)
    for name in rest:
        table.add_column(name, justify="right")
    return table


if __name__ == "__main__":
    raise SystemExit(main())
