"""Prisoners' lists held against the restrictions: what should not be on them, and what they claim.

    lists = read_lists(prisoners, phone_system.read, screen)    a PrisonerList for each, errors too
    drift_of(one)                                               what is wrong with one

How an entry is screened is the caller's: `screen` asks the service or is the service. A list that cannot be
read is an item with its error; it never counts as clean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from enum import StrEnum

import msgspec

from adapters.pin_phone.lists import ListedNumber, PhoneSystemError
from engine.model import Verdict
from matchers import phone


class DriftKind(StrEnum):
    """What is wrong with an entry."""

    RESTRICTED = "restricted"
    """A number that is refused when it is dialled, still on the list and callable there."""
    BARRED = "barred"
    """The same, but barred by the switch too: the list only has to be tidied."""
    DOUBTFUL = "doubtful"
    """A number, or its name, that would be flagged."""
    UNPROVEN = "unproven"
    """Flagged as confidential on the list; the verified register knows nothing of it."""
    SHARED = "shared"
    """New, and on several prisoners' lists. The number dialled is not always the phone that rings."""


class Screened(msgspec.Struct, frozen=True):
    """What the check says of an entry."""

    decision: Verdict
    confidential: bool
    codes: tuple[str, ...] = ()
    restrictions: tuple[str, ...] = ()


class ScreenedEntry(msgspec.Struct, frozen=True):
    """An entry with its answer."""

    entry: ListedNumber
    screened: Screened
    canonical: str
    """The number in E.164 where it can be read, else as it stands there. A protected detail."""

    def __repr__(self) -> str:
        return f"ScreenedEntry({self.entry!r}, {self.screened!r})"


class PrisonerList(msgspec.Struct, frozen=True):
    """A list as it was read, or why it was not."""

    prisoner: str
    establishment: str | None
    entries: tuple[ScreenedEntry, ...] = ()
    error: str | None = None


class Drift(msgspec.Struct, frozen=True):
    """One thing that is wrong with one entry."""

    kind: DriftKind
    prisoner: str
    establishment: str | None
    entry: ScreenedEntry


Prisoner = tuple[str, str | None]
"""Prisoner number, and prison where it is known."""
Screen = Callable[[str, str | None, ListedNumber], Screened]


def read_lists(
    prisoners: Iterable[Prisoner],
    read: Callable[[str], tuple[ListedNumber, ...]],
    screen: Screen,
    *,
    at_once: int = 16,
) -> Iterator[PrisonerList]:
    """Read and screen lists, `at_once` requests at a time; gives each as it comes, in no order."""
    with ThreadPoolExecutor(at_once, thread_name_prefix="phone-lists") as pool:
        reading = {pool.submit(read, number): (number, prison) for number, prison in prisoners}
        for done in as_completed(reading):
            number, prison = reading[done]
            try:
                yield PrisonerList(number, prison, _screened(number, prison, done.result(), screen))
            except PhoneSystemError as error:
                yield PrisonerList(number, prison, error=str(error))


def _screened(
    prisoner: str, prison: str | None, entries: Iterable[ListedNumber], screen: Screen
) -> tuple[ScreenedEntry, ...]:
    return tuple(
        ScreenedEntry(entry, screen(prisoner, prison, entry), canonical(entry.number)) for entry in entries
    )


def canonical(number: str) -> str:
    """By what a number is known again: E.164, a short one's key, or as it stands where it cannot be read."""
    read = phone.read(number)
    return (read.e164 or str(read.key)) if read.usable else number.strip()


def drift_of(lst: PrisonerList) -> Iterator[Drift]:
    """What is wrong with a list. An entry can be wrong in two ways."""
    for one in lst.entries:
        for kind in _kinds(one):
            yield Drift(kind, lst.prisoner, lst.establishment, one)


def _kinds(one: ScreenedEntry) -> Iterator[DriftKind]:
    if one.screened.decision == "block":
        yield DriftKind.RESTRICTED if one.entry.callable else DriftKind.BARRED
    elif one.screened.decision == "flag":
        yield DriftKind.DOUBTFUL
    if one.entry.claims_confidence and not one.screened.confidential:
        yield DriftKind.UNPROVEN
