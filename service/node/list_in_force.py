"""The list in force in a prison: what came from the centre and was good, on the disk first, then in force.

Readers take `FollowedList.screener` as it is and never wait; one thread puts in what comes. What is refused
leaves the last good list in force and is told. A list is as old as the last beat that named it as the newest,
and as that was late; older than the policy's `stale_after`, nothing is allowed on it. Nor on one that is
older than what was in force here before a start, whatever else the disk says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.policy import Policy
from service.feed.messages import Beat, FeedError, OtherKeyError, Signed, decode, open_beat, open_snapshot
from service.node.followed import (
    Followed,
    GapError,
    Linked,
    ListAt,
    OlderError,
    Opening,
    advance,
    narrowed,
    replaced,
)
from service.node.held import Freshness, ListHeld, Workers, since_boot
from service.node.kept import KeptFeed
from service.node.pace import Pace, held_to
from service.operations.sparing import Sparing

KEEP_AGE = 10.0
"""Seconds between two notes of how old the list is, for the next start."""


FORGET_WITHIN = 60.0
"""Seconds for which the disk of a node that holds its own prisoners' restrictions alone has those of one who
left: a prison moves a few dozen a day, mostly together, and each time the whole list is written."""
TOLD_FOR = 60.0
"""Seconds for which a refusal is told after the list was known to be the newest all the same: somebody may
have put it there. Not of what the centre made, for want of a key that is here by now."""
WITHDRAWN = "the centre has withdrawn this node"
OLDER = "the list on the disk is older than the one that was in force"

_log = structlog.get_logger(__name__)


class Refusal(NamedTuple):
    """Something of the feed that was not taken."""

    number: int | None
    """That it carries, plain; None where not even that can be read."""
    why: str
    at: float
    """On the monotonic clock."""
    is_of_key: bool = False
    """Made by the centre, and sealed with another key than was here."""


class FollowedList(ListHeld):
    """The list. What changes it is called from one thread; the rest may be read from any."""

    def __init__(
        self,
        public_key: Ed25519PublicKey,
        feed_key: bytes,
        kept: KeptFeed,
        policy: Policy,
        *,
        fixed: bool = False,
        smaller: float = 0.05,
        silent: float = 60.0,
        monotonic: Callable[[], float] = since_boot,
        freshness: Freshness | None = None,
        workers: Workers | None = None,
        prison: str = "",
    ) -> None:
        """`policy` holds until the feed brings one, and where `fixed` says so always. `smaller` is the share
        of restrictions that may not go missing unless the centre says that it is right; after `silent`
        seconds without the centre somebody should know. `workers` get each list before it counts as in
        force, and `freshness` is where they read how old it is. `prison` is whose prisoners' restrictions
        alone are held, beside the estate's; "" for all."""
        self._opening = Opening(public_key, feed_key)
        self._kept = kept
        super().__init__(policy, fixed=fixed, freshness=freshness, monotonic=monotonic)
        self._smaller, self._silent = smaller, silent
        self._workers, self._prison = workers, prison
        self._left_at: float | None = None
        self._noted_at = float("-inf")
        self._last_beat = (0, 0, 0)
        self._pace: Pace | None = None
        self._latest: ListAt | None = None
        """The newest that was in force here, as far as the disk tells."""
        self._unsure: str | None = None
        """Why nobody knows how old the list is that a start found."""
        self._newest: tuple[int, str] | None = None
        self._refusals = Sparing("feed_refused")
        self.refused: Refusal | None = None
        """What was not taken last; None once a change or snapshot was, or the list is long known to be the
        newest without it."""
        self.heard_at: float | None = None
        """When the centre was last heard, whatever it said."""
        self.wants_key = False
        """Whether something came that is sealed with another key."""
        self.ahead = 0
        """How many changes the centre has more, as its last beat said."""
        self.late = 0.0
        """Seconds that the last beat was on its way for, at the least."""
        self.is_withdrawn = False
        """Whether the centre said that it does not know this node any more: no beat counts."""

    @property
    def why_not(self) -> str | None:
        """Why there is none, or why it is not the newest. Holds no detail."""
        if self.is_withdrawn:
            return WITHDRAWN
        if self._unsure is not None:
            return self._unsure
        if self.refused is not None:
            return f"refused of the feed: {self.refused.why}"
        if self.followed is None:
            return super().why_not
        if self.followed.not_known:
            return self.followed.not_known
        if self.is_of_others:
            return "the list is not of the prisons that the settings say: a snapshot is waited for"
        if self.ahead:
            return f"{self.ahead} changes have not come"
        if self._kept.trouble is not None:
            return f"the newest list is not on the disk: {self._kept.trouble}"
        if self.unheard <= self._silent:
            return None
        return "the centre is heard too late" if self.late > self._silent else "the centre is not heard"

    @property
    def unheard(self) -> float:
        """Seconds since the centre was heard."""
        heard = self.heard_at
        return float("inf") if heard is None else max(0.0, self._monotonic() - heard)

    @property
    def number(self) -> int:
        """The last change that is in force; 0 for none."""
        return self.followed.number if self.followed else 0

    @property
    def era(self) -> int | None:
        """Of the feed, as this list has it; None before the first list."""
        return self.followed.era if self.followed else None

    def start(self) -> None:
        """Put in force what is on the disk, as old as it is."""
        self.followed = self._kept.read()
        if self.followed is not None and (self._prison or self.followed.prison):
            own = narrowed(self.followed, self._prison)
            if (
                own is not self.followed or self._kept.has_left
            ):  # a start waits for it: the disk has it no longer
                self.followed = self._kept.replace(own)
        if self._workers is not None and self.followed is not None:
            self._hand_whole(self.followed)
            self._workers.links(self._kept.links, self.followed.blocklist.version)
        heard = self._kept.last_heard(self.fresh.elsewhere)
        self._last_beat, self._pace, self._latest = heard.beat, heard.pace, heard.of
        if self.followed is not None:
            self.heard_at = None if heard.age is None else self._monotonic() - heard.age
            self._unsure = self._why_unsure(self.followed)
            if self._unsure is None:
                self.confirmed_at = self.heard_at
            else:
                _log.warning("age_of_list_not_known", kind=self._unsure)
                self._note()
        self._put_in_force()

    def take_key(self, feed_key: bytes) -> None:
        """The feed is sealed with this key from now on; what was refused for want of it is no matter."""
        if feed_key != self._opening.feed_key and self.refused is not None and self.refused.is_of_key:
            self.refused = None
        self._opening = self._opening._replace(feed_key=feed_key)
        self.wants_key = self.is_withdrawn = False

    def withdraw(self) -> None:
        """The centre does not know this node any more."""
        if not self.is_withdrawn:
            _log.error("node_withdrawn")
        self.is_withdrawn = True

    def take(self, carried: Sequence[bytes]) -> int:
        """Put changes in force, as they were carried; gives how many. What is not good is passed over.

        Raises GapError where a snapshot has to come first.
        """
        have = self.followed
        if have is None:
            raise GapError("there is no list yet that they could change")
        links = [link for one in carried if (link := self._link(one)) is not None]
        advanced = advance(have, links, self._smaller, of_all=True)
        if advanced.taken:
            self._kept.append(advanced.taken)
            self._acknowledge(advanced.followed)
            self.refused = None
            if self._workers is not None:
                self._workers.links(advanced.taken, advanced.followed.blocklist.version)
            self._follow(advanced.followed)
        if advanced.refused is not None:
            self._refuse(_number_behind(advanced.taken, links), advanced.refused)
            if not isinstance(advanced.refused, OlderError):
                raise GapError(str(advanced.refused))
        return len(advanced.taken)

    def offer(self, carried: bytes) -> bool:
        """Put a snapshot in force, as it was carried; whether it was good and newer."""
        number: int | None = None
        try:
            signed = decode(carried)
            number = signed.number
            head, content = open_snapshot(*self._opening, signed)
            followed = replaced(self.followed, head, content, self._smaller, self._prison)
        except FeedError as error:
            self._refuse(number, error)
            return False
        self.refused = None
        followed = self._kept.replace(followed)
        self._acknowledge(followed)
        self._hand_whole(followed)
        self._follow(followed)
        return True

    def hear(self, carried: bytes) -> Beat | None:
        """Take a beat; None for one that says nothing, since it is not the centre's or came before."""
        try:
            beat = open_beat(*self._opening, decode(carried))
        except FeedError as error:
            self._refuse(None, error)
            return None
        at = (beat.era, beat.term, beat.tick)
        if at <= self._last_beat or self.is_withdrawn:
            return None
        self._last_beat = at
        now = self._monotonic()
        self._pace, self.late = held_to(self._pace, beat, now)
        self.heard_at = now - self.late
        self.fresh.elsewhere.hear(beat.at + self.late)
        self._newest = (beat.number, beat.hash)
        is_same = self.followed is not None and beat.era == self.followed.era
        self.ahead = max(0 if is_same or not beat.number else 1, beat.number - self.number)
        self._confirm()
        return beat

    def keep(self, *, now: bool = False) -> None:
        """Write the list whole where there is much behind it, or the last try failed; note its age."""
        have, age = self.followed, self.age
        is_due = have is not None and (self._has_to_forget() or self._kept.is_far_behind(have.restrictions))
        if have is not None and (is_due or self._kept.trouble is not None):
            again = self._kept.replace(have)
            if is_due or self._kept.trouble is None:
                self._hand_whole(again)
                self._follow(again)
        if age is not None and (now or self._monotonic() - self._noted_at >= KEEP_AGE):
            self._note()

    @property
    def not_kept(self) -> str | None:
        """Why the newest list is not on the disk."""
        return self._kept.trouble

    @property
    def is_of_others(self) -> bool:
        """Whether the list was made under another setting: it answers as what it is."""
        return self.followed is not None and self.followed.prison != self._prison

    def _has_to_forget(self) -> bool:
        """Whether the disk has had for long enough what a list of one prison does not hold any more."""
        have = self.followed
        if have is None or not have.prison or not self._kept.has_left:
            self._left_at = None
            return False
        now = self._monotonic()
        self._left_at = now if self._left_at is None else self._left_at
        return now - self._left_at >= FORGET_WITHIN

    def _link(self, carried: bytes) -> Linked | None:
        number: int | None = None
        try:
            signed: Signed = decode(carried)
            number = signed.number
            return self._opening.change(signed)
        except FeedError as error:
            self._refuse(number, error)
            return None

    def _why_unsure(self, have: Followed) -> str | None:
        """Why the age of what was on the disk is not known; None where it is."""
        if self._latest is None:
            return "nothing says how old the list on the disk is"
        return OLDER if self._kept.is_behind or have.stands_at.is_behind(self._latest) else None

    def _acknowledge(self, followed: Followed) -> None:
        """Keep that this list is the newest, before anybody is told that it is in force: its age is never
        again that of an older one."""
        at = followed.stands_at
        if self._latest is None or self._latest.is_behind(at):
            self._latest = at
        self._note()

    def _note(self) -> None:
        self._noted_at = self._monotonic()
        if self._latest is not None:
            self._kept.heard(self.age, self._latest, self._last_beat, self._pace, self.fresh.elsewhere.time)

    def _hand_whole(self, followed: Followed) -> None:
        if self._workers is not None and self._kept.memory is not None:
            self._workers.whole(self._kept.memory, followed.blocklist.version)

    def _follow(self, followed: Followed) -> None:
        is_same = self.followed is not None and followed.era == self.followed.era
        self.ahead = max(0, self.ahead - (followed.number - self.number)) if is_same else 0
        self.followed = followed
        self._put_in_force()

    def _put_in_force(self) -> None:
        have = self.followed
        if have is not None:
            self.put(have)
            self.fresh.elsewhere.is_over(have.at)
            self._hold_fresh()
            self._confirm()

    def _confirm(self) -> None:
        """Where the last beat named this list, it was the newest when that was heard."""
        have = self.followed
        if have is None or self._newest != (have.number, have.hash):
            return
        if self._latest is not None and have.stands_at.is_behind(self._latest):
            self._unsure = OLDER
            return
        self._latest, self._unsure = have.stands_at, None
        self.confirmed_at = self.heard_at
        self._hold_fresh()
        if self.refused is not None and (
            self.refused.is_of_key or self._monotonic() - self.refused.at > TOLD_FOR
        ):
            self.refused = None

    def _hold_fresh(self) -> None:
        stale_after = self.policy.stale_after.total_seconds()
        self.fresh.until = float("-inf") if self.confirmed_at is None else self.confirmed_at + stale_after

    def _refuse(self, number: int | None, error: FeedError) -> None:
        self._refusals.note(str(error))
        is_of_key = isinstance(error, OtherKeyError)
        self.wants_key = self.wants_key or is_of_key
        self.refused = Refusal(number, str(error), self._monotonic(), is_of_key)


def _number_behind(taken: Sequence[Linked], links: Sequence[Linked]) -> int | None:
    """The number of the first that was not taken."""
    good = {link.hash for link in taken}
    return next((link.change.number for link in links if link.hash not in good), None)
