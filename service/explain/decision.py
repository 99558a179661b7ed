"""One decision, shown to a person: what was read, what it was compared with, each step, and why."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.listing import Listing
from engine.model import Attempt, Decision, Reason
from engine.read_attempt import ReadAttempt
from engine.screener import Screener
from matchers.address import Address
from service.explain.side_by_side import show_addresses, show_against

_COLOURS = {"allow": "green", "flag": "yellow", "block": "red"}


def show(
    console: Console, screener: Screener, attempt: Attempt, decision: Decision, against: Listing | None = None
) -> None:
    """Print an attempt and its decision; `against` is a restriction to be held beside it in any read."""
    colour = _COLOURS[decision.decision]
    console.print(
        Text.assemble(
            (decision.decision.upper(), f"bold {colour}"), f" → {decision.action}",
            "   (confidential: content not looked at)" if decision.confidential else "",
        )
    )  # fmt: skip
    console.print(_what_was_read(screener, attempt))
    if not decision.reasons:
        console.print("Nothing on the blocklist has to do with it.")
    for number, reason in enumerate(decision.reasons, 1):
        _show_reason(console, screener, number, reason)
    if against is not None:
        show_against(console, screener.policy, attempt, against)
    console.print(
        Text(f"blocklist {decision.blocklist[:19]}…, policy {screener.policy.version[:19]}…", "dim")
    )


def _what_was_read(screener: Screener, attempt: Attempt) -> Table:
    read = ReadAttempt(
        attempt, screener.blocklist.restricted, screener.blocklist.confidential, screener.policy
    )
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row(attempt.channel, Text(attempt.to))
    table.add_row("prisoner", attempt.prisoner or "not known")
    table.add_row("prison", attempt.establishment or "not known")
    if attempt.channel == "letter":
        for name, value in address_parts(read.address):
            table.add_row(name, Text(value))
    elif read.account is not None:
        table.add_row(read.account.kind, Text(read.account.canonical))
    else:
        number = read.number
        table.add_row("read as", f"{number.e164 or 'no E.164 number'} ({number.kind.replace('_', ' ')})")
        for step in number.steps:
            table.add_row("", step)
        if number.tail:
            table.add_row("behind it", number.tail)
    if attempt.body:
        table.add_row("body", f"{len(attempt.body):,} characters")
    return table


def address_parts(read: Address) -> list[tuple[str, str]]:
    """What was read of an address: names of fields and their values, without the empty ones."""
    parts = [
        ("names", ", ".join(read.names)),
        ("care of", ", ".join(read.care_of)),
        ("organisation", read.organisation),
        ("flat", " ".join(read.units)),
        ("building", read.building),
        ("number", " ".join(read.numbers)),
        ("street", ", ".join(read.streets)),
        ("place", read.place),
        ("postcode", read.postcode),
        ("PO box", read.po_box),
    ]
    return [(name, value) for name, value in parts if value]


def _show_reason(console: Console, screener: Screener, number: int, reason: Reason) -> None:
    console.print()
    console.print(
        Text.assemble(
            f"{number}. ", (reason.code, f"bold {_COLOURS[reason.decision]}"), f" ({reason.decision})",
            f"  restriction {reason.restriction}" if reason.restriction else "",
            f"  score {reason.score:.2f}  by {reason.matcher}",
        )
    )  # fmt: skip
    table = Table(show_header=False, box=None, padding=(0, 2))
    for name, value in (("given", reason.given), ("listed", reason.listed)):
        if value:
            table.add_row(name, Text(value))
    by_field = reason.matcher == "address" and reason.listed
    for step in () if by_field else reason.steps:
        table.add_row("step", Text(step))
    console.print(table)
    if by_field:
        show_addresses(console, screener.policy, reason.given, reason.listed)
