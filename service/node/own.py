"""What a node keeps that holds one prison's restrictions alone: the estate's, and those of its own prisoners.

The feed is one for all nodes. Each change is verified as the centre signed it, in its place in the chain and
with the count of the whole list; what is kept of it is a change that leads from this node's list before it to
the one behind it, so that the disk and the workers never have more. Whoever is not known in the prison is
let nothing (`NOT_HELD_HERE`): what is left out opens no gate.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from engine.model import Monitoring, Restriction
from service.feed.messages import Change, FeedError
from service.node.places import NOWHERE, where_is
from service.registry.prisoners import Whereabouts

if TYPE_CHECKING:
    from service.node.followed import Followed

OTHER_COUNT = "the list has another number of restrictions than the centre's"


class Counting:
    """How many restrictions a list has after each change, those counted that are not compiled here."""

    def __init__(self, have: Followed) -> None:
        """Before the first change."""
        self._have, self._standing = have, dict.fromkeys(have.lost, True)
        self.count = have.restrictions + have.absent

    def after(self, change: Change) -> int:
        """The count after one more."""
        for ids, stands in ((change.gone, False), ([one.id for one in change.put], True)):
            for id_ in ids:
                self.count += stands - self.stands(id_)
                self._standing[id_] = stands
        return self.count

    def stands(self, id_: str) -> bool:
        """Whether a restriction is in the list."""
        known = self._standing.get(id_)
        return bool(self._have.listings.rows_named(id_)) if known is None else known


class Narrowing:
    """Makes of the centre's changes, in their order, those of a list of one prison."""

    def __init__(self, have: Followed, prison: str) -> None:
        """`have` is that list, before the first change."""
        self._prison = prison
        self._places: ChainMap[str, tuple[str | None, str | None]] = ChainMap({}, have.prisoners)  # type: ignore[arg-type]
        self._heightened = have.blocklist.heightened
        self._counting = Counting(have)
        self.whole = have.whole
        """How many the centre's list has."""

    def of(self, change: Change) -> Change:
        """What is this prison's of the next change. Raises FeedError where the change does not say all that
        this needs, or counts otherwise than it says."""
        arrived, moved = self._moved(change.prisoners or {})
        if arrived and change.heightened is None:
            raise FeedError("it does not say who of those who came is under heightened monitoring")
        self._places.maps[0].update(moved)
        stands = self._counting.stands
        put = tuple(one for one in change.put if concerns(self._prison, one, self._is_own))
        kept = {one.id for one in put}
        gone = {id_ for id_ in change.gone if stands(id_)}
        self._expect_count(change, len(gone))
        gone |= {one.id for one in change.put if one.id not in kept and stands(one.id)}
        narrow = msgspec.structs.replace(
            change,
            put=put,
            gone=tuple(sorted(gone)),
            heightened=self._monitored(change.heightened, is_left=NOWHERE in moved.values()),
            prisoners=moved or None,
            whole=change.restrictions,
        )
        self.whole = change.restrictions
        return msgspec.structs.replace(narrow, restrictions=self._counting.after(narrow))

    def _moved(self, told: Whereabouts) -> tuple[set[str], Whereabouts]:
        """Who is here and was not; and where those are of whom this list says anything, `NOWHERE` for whoever
        left. A person's numbers are told together."""
        known = ChainMap(told, *self._places.maps)
        moved: Whereabouts = {}
        arrived: set[str] = set()
        for number, place in told.items():
            was = self._is_own(number)
            if where_is(known, number) == self._prison:
                moved[number] = place
                if not was:
                    arrived.add(number)
            elif was or number in self._places:
                moved[number] = NOWHERE
        return arrived, moved

    def _monitored(
        self, told: Mapping[str, Monitoring] | None, *, is_left: bool
    ) -> dict[str, Monitoring] | None:
        """Everybody's monitoring here, where it is told or somebody left."""
        if told is None and not is_left:
            return None
        every = self._heightened if told is None else told
        self._heightened = {number: one for number, one in every.items() if self._is_own(number)}
        return dict(self._heightened)

    def _expect_count(self, change: Change, gone: int) -> None:
        """What is not kept here was there before or not: the count may be otherwise by so many."""
        stood = sum(self._counting.stands(one.id) for one in change.put)
        more = change.restrictions - self.whole
        if not -len(change.gone) <= more <= len(change.put) - stood - gone:
            raise FeedError(OTHER_COUNT)

    def _is_own(self, number: str) -> bool:
        return where_is(self._places, number) == self._prison


def concerns(prison: str, restriction: Restriction, is_own: Callable[[str], bool]) -> bool:
    """Whether a restriction holds for everybody, or for somebody in the prison."""
    return (
        restriction.scope != "prisoner"
        or prison in restriction.establishments
        or any(map(is_own, restriction.prisoners))
    )
