"""The list as a node follows it: from a snapshot on, change by change, each held to the one before it.

Nothing here reads a clock, a disk or a network. What is refused leaves the list as it was, and says why in a
`FeedError`; the answers are always those of a list that was compiled of what was accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar, cast

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine import saved
from engine.blocklist import FORMAT, Blocklist, Index, change_blocklist, compile_blocklist
from engine.listing import ConfidentialListing, Listing
from engine.model import Attempt, Restriction
from engine.policy import Policy
from engine.saved import SavedBlocklistError
from engine.understood import NOT_KNOWN
from service.blocklist.catching_up import noting
from service.blocklist.compiling import on_every_core
from service.feed.messages import (
    Change,
    FeedError,
    Signed,
    SnapshotHead,
    open_change,
)
from service.node.own import OTHER_COUNT, Counting, Narrowing, concerns
from service.node.places import Places
from service.registry.prisoners import Whereabouts

MOST_TAKEN_OUT = 1_000
"""Restrictions that are taken out of a whole list one by one, each looked for among all that share a key with
it; where more are left out, what is kept is compiled anew, on every core."""


class GapError(FeedError):
    """A change whose forerunner is not here: only a snapshot leads on."""


class OlderError(FeedError):
    """What is in force already, offered again."""


class ListAt(NamedTuple):
    """Which list it is: its place in the chain of changes, and what stands there."""

    era: int
    number: int
    hash: str

    def is_behind(self, other: ListAt) -> bool:
        """Whether that one is later, or another one at the same place."""
        here, there = (self.era, self.number), (other.era, other.number)
        return here < there or (here == there and self.hash != other.hash)


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """A list with the place in the chain of changes that it stands at."""

    era: int = 0
    number: int
    """Of the last change that is in it."""
    hash: str
    """Of that change."""
    reaches: int
    """The registry's change up to which it goes."""
    at: float
    """When the centre made it, by its clock."""
    blocklist: Blocklist
    policy: Policy | None
    prisoners: Places
    lost: frozenset[str] = frozenset()
    """Restrictions that this program cannot compile, though the centre's could: while there is one, nothing
    is allowed on the list."""
    unknown: frozenset[str] = frozenset()
    """Names of what is in it and not known to this version: left out, or held to be the most careful."""
    prison: str = ""
    """Whose prisoners' restrictions alone are in it, beside the estate's (`service.node.own`); "" for all."""
    whole: int = 0
    """How many the centre's list has, where it is of one prison."""

    def holds(self, attempt: Attempt) -> bool:
        """Whether what concerns an attempt is in the list: the prisoner is known in its prison, and tries
        there. Every attempt's is in a list that is not of one prison."""
        if not self.prison:
            return True
        is_here = attempt.establishment == self.prison
        return is_here and self.prisoners.where_is(attempt.prisoner) == self.prison

    @property
    def stands_at(self) -> ListAt:
        """Which one it is."""
        return ListAt(self.era, self.number, self.hash)

    @property
    def restrictions(self) -> int:
        """How many are in force."""
        return len(self.listings)

    @property
    def listings(self) -> Index[Listing]:
        """The restrictions."""
        return cast("Index[Listing]", self.blocklist.restricted)

    @property
    def absent(self) -> int:
        """How many are lost of which no older version is in force either."""
        return sum(not self.listings.rows_named(id_) for id_ in self.lost)

    @property
    def not_known(self) -> str:
        """What of it this version does not know, for whoever is to bring it up to date; "" for nothing."""
        return f"{NOT_KNOWN}: {', '.join(sorted(self.unknown))}" if self.unknown else ""

    @property
    def head(self) -> SnapshotHead:
        """What is told of it beside the saved list, and beside where prisoners are."""
        return SnapshotHead(
            era=self.era,
            number=self.number,
            hash=self.hash,
            reaches=self.reaches,
            at=self.at,
            restrictions=self.restrictions,
            prisoners={},
            policy=self.policy,
            index_format=FORMAT,
            unknown=tuple(sorted(self.unknown)),
        )


class Linked(NamedTuple):
    """A change that was opened, with its hash: what the next one has to name."""

    change: Change
    hash: str


class Advanced(NamedTuple):
    """What came of some changes: the list with those that are taken, and why another one is not."""

    followed: Followed
    taken: Sequence[Linked]
    refused: FeedError | None = None


class Opening(NamedTuple):
    """What opens what comes from the centre, and believes it."""

    public_key: Ed25519PublicKey
    feed_key: bytes

    def change(self, signed: Signed) -> Linked:
        """Raises FeedError."""
        return Linked(open_change(self.public_key, self.feed_key, signed), signed.hash)


def restored(
    head: SnapshotHead,
    content: bytes | memoryview,
    places: Places | None = None,
    *,
    verified: bool = False,
) -> Followed:
    """The list of a snapshot. One whose index is of another version is compiled anew. Raises FeedError.

    `places` goes before what the head says of prisoners; `verified` as for `saved.load`.
    """
    lost: set[str] = set()
    unknown = set(head.unknown)
    try:
        if head.index_format == FORMAT:
            blocklist = saved.load(content, verified=verified)
        else:
            blocklist = _compiled_anew(content, lost, unknown)
    except (SavedBlocklistError, msgspec.DecodeError, ValueError):
        raise FeedError("a snapshot whose list cannot be read") from None
    followed = Followed(
        era=head.era,
        number=head.number,
        hash=head.hash,
        reaches=head.reaches,
        at=head.at,
        blocklist=blocklist,
        policy=head.policy,
        prisoners=Places.of(head.prisoners) if places is None else places,
        lost=frozenset(lost),
        unknown=frozenset(unknown),
    )
    _expect_count(followed, head.restrictions)
    return followed


def replaced(
    have: Followed | None,
    head: SnapshotHead,
    content: bytes | memoryview,
    smaller: float,
    prison: str = "",
) -> Followed:
    """The list of a snapshot, where it leads on from the one in force: an older one is not even read.

    `smaller` is the share of restrictions that may not go missing; `prison` as for `narrowed`. Raises
    FeedError.
    """
    if have is not None:
        _expect_later(have, head, may_be_same=bool(have.unknown) or have.prison != prison)
    snapshot = restored(head, content)
    if have is not None:
        before = have.whole if have.prison else have.restrictions
        _expect_as_many(before, snapshot.restrictions, smaller, fewer_is_right=head.fewer_is_right)
    return narrowed(snapshot, prison)


def narrowed(followed: Followed, prison: str) -> Followed:
    """What a node keeps of a whole list that holds one prison's restrictions alone; "" is for all of it."""
    if not prison or followed.prison:
        return followed
    where_is, listings = followed.prisoners.where_is, followed.listings

    def is_own(number: str) -> bool:
        return where_is(number) == prison

    kept: list[Restriction] = []
    gone: list[str] = []
    for listing in listings.each():
        if concerns(prison, listing.restriction, is_own):
            kept.append(listing.restriction)
        else:
            gone.append(listing.restriction.id)
    whole, lost = followed.blocklist, set(followed.lost)
    heightened = {number: one for number, one in whole.heightened.items() if is_own(number)}
    if len(gone) <= MOST_TAKEN_OUT:
        blocklist = change_blocklist(whole, gone=gone, heightened=heightened)
    else:
        register = cast("Index[ConfidentialListing]", whole.confidential).each()
        blocklist = compile_blocklist(
            kept,
            [one.entry for one in register],
            complete=whole.complete,
            heightened=heightened,
            lost=noting(lost),
            compiling=on_every_core,
        )
    return msgspec.structs.replace(
        followed,
        blocklist=blocklist,
        lost=frozenset(lost),
        prisoners=Places.of({one: place for one, place in followed.prisoners.items() if is_own(one)}),
        prison=prison,
        whole=followed.restrictions + followed.absent,
    )


def _expect_later(have: Followed, head: SnapshotHead, *, may_be_same: bool) -> None:
    """Never a way back: of a later era, or later in this one and with what is in force here behind it."""
    if head.era > have.era:
        return
    if head.era < have.era:
        raise OlderError("of an era of the feed that has ended")
    if head.hash == have.hash and may_be_same:  # more may be taken from it than was
        return
    if head.number <= have.number:
        raise OlderError("an older snapshot again")
    if head.links and min(head.links) <= have.number and head.links.get(have.number) != have.hash:
        raise FeedError("it does not have the change that is in force here: the feed has to begin anew")


def advance(have: Followed, links: Sequence[Linked], smaller: float, *, of_all: bool = False) -> Advanced:
    """The list with changes made to it. Behind one that is refused none is taken; older ones are passed over.

    `smaller` as for `replaced`. `of_all` says that the changes are the centre's: a list of one prison takes
    what is its own of each. Otherwise they were taken so before.
    """
    good, refused = _in_order(have, links, smaller, of_all=of_all)
    try:
        return Advanced(_changed(have, good), good, refused)
    except FeedError as error:
        return Advanced(have, (), error)


def _in_order(
    have: Followed, links: Sequence[Linked], smaller: float, *, of_all: bool
) -> tuple[list[Linked], FeedError | None]:
    """Those that follow on one another, and why another one does not."""
    number, before = have.number, have.hash
    counting = Counting(have)
    narrowing = Narrowing(have, have.prison) if of_all and have.prison else None
    good: list[Linked] = []
    refused: FeedError | None = None
    for link in links:
        change = link.change
        if (change.era, change.number) <= (have.era, number):
            refused = OlderError("an older change again")
            continue
        try:
            if change.era > have.era:
                raise GapError("the feed has begun anew: only a snapshot leads there")
            if change.number > number + 1:
                raise GapError("changes are missing before it")
            if change.before != before:
                raise GapError("it does not follow on the change that is in force here")
            if narrowing is not None:
                was, count = narrowing.whole, change.restrictions
                link = Linked(narrowing.of(change), link.hash)
            else:
                was, count = counting.count, counting.after(change)
            _expect_as_many(was, count, smaller, fewer_is_right=change.fewer_is_right)
            if count != change.restrictions:
                raise FeedError(OTHER_COUNT)
        except FeedError as error:
            return good, error
        number, before = change.number, link.hash
        good.append(link)
    return good, refused


def _changed(have: Followed, links: Sequence[Linked]) -> Followed:
    """All of them made in one go: each step would copy the whole list. Raises FeedError."""
    if not links:
        return have
    changes, last = [link.change for link in links], links[-1]
    put: dict[str, Restriction] = {}
    gone: set[str] = set()
    for change in changes:
        for id_ in change.gone:
            put.pop(id_, None)
            gone.add(id_)
        for restriction in change.put:
            put[restriction.id] = restriction
            gone.discard(restriction.id)
    told = have.lost - put.keys() - gone
    lost = set[str]()
    try:
        blocklist = change_blocklist(
            have.blocklist,
            put.values(),
            gone,
            confidential=_last(change.register for change in changes),
            complete=last.change.complete and not told,
            heightened=_last(change.heightened for change in changes),
            lost=noting(lost),
        )
    except Exception as error:  # whatever one change does to the list, the last good one stays
        raise FeedError(f"it cannot be made: {type(error).__name__}") from None
    moved: Whereabouts = {}
    for change in changes:
        moved |= change.prisoners or {}
    followed = Followed(
        era=have.era,
        number=last.change.number,
        hash=last.hash,
        reaches=last.change.reaches,
        at=last.change.at,
        blocklist=blocklist,
        policy=_last(change.policy for change in changes) or have.policy,
        prisoners=have.prisoners.changed(moved),
        lost=told | lost,
        unknown=_still_unknown(have, changes),
        prison=have.prison,
        whole=last.change.whole,
    )
    _expect_count(followed, last.change.restrictions)
    return followed


def _still_unknown(have: Followed, changes: Sequence[Change]) -> frozenset[str]:
    """A policy takes the place of the one before, with what was not known of that; the rest stays until a
    snapshot."""
    unknown = have.unknown
    for change in changes:
        if change.policy is not None:
            unknown = frozenset(name for name in unknown if not name.startswith("policy."))
        unknown |= frozenset(change.unknown)
    return unknown


T = TypeVar("T")


def _last(values: Iterable[T | None]) -> T | None:
    """The last that is told; what is None stays as it was."""
    found = None
    for value in values:
        found = value if value is not None else found
    return found


def _compiled_anew(content: bytes | memoryview, lost: set[str], unknown: set[str]) -> Blocklist:
    sources = saved.sources(content)
    unknown |= set(sources.unknown)
    return compile_blocklist(
        sources.restrictions,
        sources.register,
        complete=sources.complete,
        heightened=sources.heightened,
        lost=noting(lost),
        compiling=on_every_core,
    )


def _expect_count(followed: Followed, told: int) -> None:
    if told != followed.restrictions + followed.absent:
        raise FeedError(OTHER_COUNT)


def _expect_as_many(before: int, after: int, smaller: float, *, fewer_is_right: bool) -> None:
    """A failed import looks exactly like a mass withdrawal: the centre says which it is."""
    missing = before - after
    if missing > 0 and missing >= smaller * before and not fewer_is_right:
        raise FeedError("the list is so much smaller that two people have to confirm it")
