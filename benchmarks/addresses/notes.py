"""What a note on an envelope hides, or holds up: `python -m benchmarks.addresses.notes [--show N]`.

Outer lines bear more than an address: a cell, a wing, a room, a reference, an account, a road's number. Each
invented door is listed; a letter to it bears one such line, in each place that a line has, with the postcode
and without; so do letters next door, and to the same street in another town. Or the listing bears the line.
Letters are the named prisoner's, to another name than the protected person's.
Printed: how many to the door were let go, and how many to the others were stopped.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRISONER = "A1234BC"
ADDRESSEE = "Bernard Oakshott"


class Door(NamedTuple):
    """One invented door, and the one next to it: their lines, without town and postcode."""

    kind: str
    lines: tuple[str, ...]
    neighbour: tuple[str, ...]


class Town(NamedTuple):
    """A post town, and a postcode of it that stands for none in particular."""

    name: str
    postcode: str


class Letter(NamedTuple):
    """An envelope to draw, what is listed, and whether it is to that door."""

    kind: str  # of the door
    note: str  # its kind; "" where it bears none
    side: str  # "envelope", "listing" or "both": where the note stands
    postcode: bool
    whose: str  # "the door", "next door", "another town"
    listed: str
    to: str


DOORS = (
    Door("house", ("14 Larkmead Road",), ("16 Larkmead Road",)),
    Door("house, a street of a common name", ("14 Church Road",), ("16 Church Road",)),
    Door("flat of a house", ("Flat 3", "20 Larkmead Road"), ("Flat 5", "20 Larkmead Road")),
    Door(
        "flat of a block",
        ("Flat 3", "Tarnside Court", "Larkmead Road"),
        ("Flat 5", "Tarnside Court", "Larkmead Road"),
    ),
    Door(
        "flat of a numbered block",
        ("Flat 3", "Tarnside Court", "20 Larkmead Road"),
        ("Flat 5", "Tarnside Court", "20 Larkmead Road"),
    ),
    Door("named house", ("Bramble Cottage", "Larkmead Road"), ("Sorrel Cottage", "Larkmead Road")),
    Door("institution", ("Tarnside Hostel", "31 Larkmead Road"), ("Fernlea Nursery", "33 Larkmead Road")),
)
TOWNS = (
    Town("Leeds", "LS6 1AA"),
    Town("Ipswich", "IP4 2BD"),
    Town("Rugby", "CV21 3EF"),
    Town("Derby", "DE22 1GH"),
    Town("London", "E2 8JL"),
    Town("Manchester", "M14 5NP"),
    Town("Cardiff", "CF24 2QR"),
    Town("Truro", "TR1 3ST"),
)
NOTES = {
    "cell": ("Cell B2 14", "Cell B2", "Cell C3-21", "B2 14", "B2-14"),
    "wing": ("B2 wing", "B Wing", "Wing E2", "C Wing 2 landing", "HB1 2-14"),
    "unit": ("Unit E2", "Unit E2 4LN", "Unit 4", "Block E1", "Pod M1"),
    "room": ("Rm 101", "Room 12B", "RM B12", "Room E2", "Room 7"),
    "floor, bay, gate": ("Bay 4", "Gate E2", "Dept E2", "Dept 12", "Ward S4", "2nd Floor", "Zone N1"),
    "care of": ("C/O E2", "C/O B2 Wing", "c/o Room 4"),
    "reference": (
        "Ref LS4 2AB",
        "Ref: B2 14",
        "Our ref E2/4471",
        "Your ref M1 1AA",
        "Ref 48213",
        "Case E1 6XX",
        "Invoice N1 204",
    ),
    "account": ("Account 4471-2", "A/C 20394", "Acc No E2 4471", "Customer no. 58213", "Roll number DE1 2AB"),
    "prisoner": ("A4521DK", "PIN 4471", "Prisoner No A4521DK", "NOMS A4521DK", "DOB 04/11/81"),
    "date, hours": ("12/10/2026", "12 Oct 26", "Mon-Fri 9-5", "Open 9am-5pm", "9.30 - 17.00"),
    "course": ("Course E2", "Level 2 Maths L2", "Module M1 3AB", "Group B4"),
    "road": ("A40", "M1", "(A61)", "M1 Jct 40", "off the A64", "B1234"),
    "post": ("2nd", "1st Class", "Large Letter", "SL1", "Tray W1 4", "Batch SE1 4TT"),
}
"""Lines that prison mail, and envelopes at large, bear beside the address; invented."""


def letters() -> Iterator[Letter]:
    """Every door in every town, with every note in every place, and without any."""
    for place, town in enumerate(TOWNS):
        other = TOWNS[(place + 3) % len(TOWNS)]
        for door in DOORS:
            yield from _plain(door, town, other)
            for kind, notes in NOTES.items():
                for note in notes:
                    yield from _noted(door, town, other, kind, note)


def _plain(door: Door, town: Town, other: Town) -> Iterator[Letter]:
    listed = ", ".join((*door.lines, town.name, town.postcode))
    for postcode in (False, True):
        for whose, lines in _written(door, town, other, postcode):
            yield Letter(door.kind, "", "neither", postcode, whose, listed, "\n".join((ADDRESSEE, *lines)))


def _noted(door: Door, town: Town, other: Town, kind: str, note: str) -> Iterator[Letter]:
    plain = (*door.lines, town.name, town.postcode)
    listings = [("envelope", ", ".join(plain))]
    for at in (0, len(door.lines), len(plain)):
        listings += [("listing", ", ".join((*plain[:at], note, *plain[at:])))]
    for postcode in (False, True):
        for whose, lines in _written(door, town, other, postcode):
            for side, listed in listings:
                if side == "listing":
                    to = "\n".join((ADDRESSEE, *lines))
                    yield Letter(door.kind, kind, side, postcode, whose, listed, to)
                    continue
                for at in range(len(lines) + 1):
                    to = "\n".join((ADDRESSEE, *lines[:at], note, *lines[at:]))
                    yield Letter(door.kind, kind, side, postcode, whose, listed, to)


def _written(door: Door, town: Town, other: Town, postcode: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Whose door, and its lines on an envelope."""
    for whose, lines, where in (
        ("the door", door.lines, town),
        ("next door", door.neighbour, town),
        ("another town", door.lines, other),
    ):
        yield whose, (*lines, where.name, *((where.postcode,) if postcode else ()))


def verdicts(some: Iterator[Letter]) -> Iterator[tuple[Letter, str]]:
    """Each letter, and whether it is blocked, flagged or allowed by its own listing alone."""
    screeners: dict[str, Screener] = {}
    policy = read_policy()
    for one in some:
        if one.listed not in screeners:
            screeners[one.listed] = Screener(compile_blocklist([_restriction(one.listed)], []), policy)
        attempt = Attempt(id="L", channel="letter", prisoner=PRISONER, establishment="LEI", to=one.to)
        yield one, screeners[one.listed].check(attempt, at=NOW).decision


def _restriction(value: str) -> Restriction:
    contact = Contact(kind="address", value=value)
    person = ProtectedPerson(name="Rhoswen Tallantyre")
    return Restriction(id="R1", prisoner=PRISONER, protected=person, contacts=(contact,))


def main() -> int:
    """Ask about each, and print what was let go and what was stopped, by kind."""
    show = int(sys.argv[2]) if sys.argv[1:2] == ["--show"] else 0
    asked: Counter[tuple[str, ...]] = Counter()
    wrong: Counter[tuple[str, ...]] = Counter()
    blocked: Counter[str] = Counter()
    shown: Counter[tuple[str, str]] = Counter()
    for one, verdict in verdicts(letters()):
        to_door = one.whose == "the door"
        fault = verdict == "allow" if to_door else verdict != "allow"
        code = "postcode" if one.postcode else "no postcode"
        for row in (
            (one.whose, "note on", one.side, code),
            (one.whose, "note", one.note),
            (one.whose, "door", one.kind),
        ):
            asked[row] += 1
            wrong[row] += fault
        blocked[one.whose] += verdict == "block"
        if fault and shown[one.whose, one.note] < show:
            shown[one.whose, one.note] += 1
            print(f"  {one.whose}, {verdict}: listed {one.listed!r}, given {one.to!r}")
    for asked_of, total in sorted(asked.items()):
        print(f"{', '.join(asked_of):64} {wrong[asked_of]:6} of {total:6}")
    for whose in ("the door", "next door", "another town"):
        faults, total = (
            sum(count for row, count in counted.items() if row[:2] == (whose, "note"))
            for counted in (wrong, asked)
        )
        what = "let go" if whose == "the door" else "stopped"
        print(f"{whose}: {faults} {what} of {total}; {blocked[whose]} blocked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
