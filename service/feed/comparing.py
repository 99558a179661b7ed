"""Whether what a node says that it has is this centre's own: a number counts for the chain that it is of.

| the node's last change | what counts of what it says |
|---|---|
| is in the chain, by its hash | all |
| is not, and a beat that this centre signed names it | nothing: this centre lost it, and publishes no more |
| is not, and nothing signed shows it | nothing; changes go on for the others |
| is of another era: of before the feed began anew | nothing |

A node of the version before says no hash: its number counts where the feed got as far.
"""

from __future__ import annotations

from typing import Protocol

from msgspec.structs import replace

from service.feed.messages import Beat, Report

Place = tuple[int, int]
"""Era and number of a change."""

LOST = "it has changes that this centre has not: see `nocontact feed-anew`"
OTHER_ERA = "its list is of another era of the feed"
OTHER_CHAIN = "its list is of changes that were not made here, and nothing signed shows them"
TOO_OLD = "its list is too old to be compared"


class FeedHere(Protocol):
    """The chain as this centre has it."""

    @property
    def place(self) -> Place:
        """Of the last change."""

    def hash_of(self, number: int) -> str | None:
        """Of the link of a number; None where there is none, or no more."""

    def lost(self, carried: bytes) -> Beat | None:
        """What a beat names that was signed here and is lost."""

    def somebody_has(self, node: str, lost: Beat) -> None:
        """A node showed that."""


def compared(report: Report, feed: FeedHere, known: tuple[int, str] | None) -> Report:
    """The report with what counts of it. `known` are number and hash that were found good before."""
    if not report.number:
        return replace(report, reaches=0)
    if _is_here(report, feed, known):
        return report
    lost = feed.lost(report.proof) if report.proof else None
    if lost is not None:
        feed.somebody_has(report.node, lost)
    return replace(report, number=0, reaches=0, hash="", why=_why(report, feed, is_lost=lost is not None))


def _is_here(report: Report, feed: FeedHere, known: tuple[int, str] | None) -> bool:
    era, number = feed.place
    if report.era != era:
        return False
    if not report.hash:
        return report.number <= number
    here = feed.hash_of(report.number)
    return report.hash == here if here is not None else (report.number, report.hash) == known


def _why(report: Report, feed: FeedHere, *, is_lost: bool) -> str:
    if is_lost:
        return LOST
    if report.why:
        return report.why
    era, number = feed.place
    if report.era != era:
        return OTHER_ERA
    is_gone = report.number <= number and feed.hash_of(report.number) is None
    return TOO_OLD if is_gone else OTHER_CHAIN
