"""Two values side by side, for a person who asks why, or why not."""

from collections.abc import Iterator
from itertools import product

import msgspec
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.listing import ListedContact, Listing
from engine.model import Attempt
from engine.policy import Policy
from matchers import address, person, phone
from matchers.address import Address, Comparison

_FIELDS_BEHIND = {
    "number": ("numbers", "units", "sub_building", "number_readings"),
    "street": ("street", "dependent_street"),
    "building": ("building", "organisation"),
    "postcode": ("postcode", "district", "postcode_fragment", "postcode_readings"),
    "place": ("town", "locality", "county"),
}
"""Parts of an address that a line of its comparison speaks of."""
_LEVELS = {
    "same": "the same door",
    "probable": "probably the same door",
    "incomplete": "it cannot be told",
    "different": "another door",
}


def show_addresses(console: Console, policy: Policy, given: str, listed: str) -> None:
    """Print two addresses by field: marks under what differs, what each adds, what would change it."""
    pairs = product(address.readings(given), address.every_reading(listed))
    comparison, one, other = max(
        ((_compare(policy, one, other), one, other) for one, other in pairs), key=lambda found: found[0].rank
    )
    table = Table(
        "field", "given", "listed", "outcome", "weight", box=None, padding=(0, 2), header_style="dim"
    )
    for field in comparison.fields:
        if not field.given and not field.listed:
            continue
        outcome = f"{field.outcome}: {field.qualifier}" if field.qualifier else field.outcome
        table.add_row(
            field.name,
            Text(field.given),
            _marked(field.given, field.listed),
            outcome,
            f"{field.contribution:+.2f}",
        )
    console.print(table)
    for name, words in _read_from(one).items():
        console.print(Text(f"  {name} was read from {words!r}", "dim"))
    console.print(f"  {_LEVELS[comparison.level]}, probability {comparison.score:.2f}")
    for sentence in _what_would_change_it(policy, one, other, comparison):
        console.print(Text(f"  {sentence}"))


def _read_from(one: Address) -> dict[str, str]:
    """The words on the envelope behind each field that is not written as it was read."""
    found: dict[str, str] = {}
    for name, spans in address.sources(one).items():
        written = " … ".join(one.text[span.start : span.end] for span in spans)
        read = getattr(one, name, "")
        if isinstance(read, str) and read and written.upper() != read:
            found[name.replace("_", " ")] = written
    return found


def show_against(console: Console, policy: Policy, attempt: Attempt, listing: Listing) -> None:
    """Print an attempt beside every contact point of one restriction, whatever they have in common."""
    restriction = listing.restriction
    console.print()
    console.print(Text(f"Against restriction {restriction.id}", "bold"))
    named = attempt.prisoner in restriction.prisoners
    console.print(f"  It {'names' if named else 'does not name'} this prisoner; scope {restriction.scope}.")
    for contact in listing.contacts:
        if contact.kind == "address" and attempt.channel == "letter":
            show_addresses(console, policy, attempt.to, contact.value)
        elif contact.kind == "phone" and attempt.channel != "letter":
            _show_numbers(console, attempt, contact)
    if attempt.channel == "letter":
        for name in address.read(attempt.to).names:
            match = person.compare_any(person.read(name), listing.people)
            steps = "; ".join(match.steps) or "nothing in common"
            console.print(Text(f"  name {name}: {match.level}, score {match.score:.2f} ({steps})"))


def _compare(policy: Policy, one: Address, other: Address) -> Comparison:
    return address.explain(one, other, block=policy.address.block, flag=policy.address.flag)


def _marked(given: str, listed: str) -> Text:
    """The listed value with a mark under every character that the given one does not share."""
    if not given or not listed or given == listed:
        return Text(listed)
    marks = [" "] * (len(listed) + 1)
    for change in Levenshtein.opcodes(given, listed):
        if change.tag != "equal":
            length = max(change.dest_end - change.dest_start, 1)
            marks[change.dest_start : change.dest_start + length] = "^" * length
    return Text(f"{listed}\n{''.join(marks).rstrip()}")


def _what_would_change_it(
    policy: Policy, one: Address, other: Address, comparison: Comparison
) -> Iterator[str]:
    """Each field that, were it as listed, would change the answer by itself."""
    for field in comparison.fields:
        parts = {part: getattr(other, part) for part in _FIELDS_BEHIND.get(field.name, ())}
        changed = _compare(policy, msgspec.structs.replace(one, **parts), other)
        if parts and changed.level != comparison.level:
            yield f"with the listed {field.name} it would be: {_LEVELS[changed.level]}"


def _show_numbers(console: Console, attempt: Attempt, contact: ListedContact) -> None:
    number = phone.read(attempt.to, area_codes=phone.area_codes_near(attempt.establishment))
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row("dialled", Text(attempt.to), number.e164 or "no E.164 number")
    table.add_row("listed", Text(contact.value), _marked(number.e164, contact.e164))
    console.print(table)
