"""Restrictions: each change a new version, nothing deleted; a loosening waits for a second person."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from engine import dates
from engine.model import Contact, Restriction
from service.access.model import Principal
from service.errors import ConflictError, InvalidError, NotFoundError
from service.ledger import search
from service.registry import court_orders
from service.registry.approvals import Approval, Approvals, Asked
from service.registry.checking import check_pathway, checked
from service.registry.elsewhere import (
    Elsewhere,
    newly_registered,
    only_registered,
    told_waiting,
    would_restrict,
)
from service.registry.found import Drafted
from service.registry.journal import Journal
from service.registry.model import Document, PointTold, Request, RestrictionVersion, loosens
from service.registry.versions import CHUNK, Versions
from service.registry.widening import (
    at_once,
    contacts_added,
    loosening,
    rebased,
    wider,
    with_request,
    without,
)

CHANGED, WITHDRAWN, REMOVED, AFTER_DEATH = "change", "withdrawal", "removal", "after_death"
"""What an approval of a restriction may be about; `removal` is of many at once."""

CHANGED_SINCE = (
    "the restriction was changed since, and this would take something of that back: refuse it, and ask for "
    "it again on the restriction as it is now"
)

_Removal = tuple[list[tuple[str, int]], str]
"""Restrictions with the versions that were to go, and why."""
_documents = msgspec.msgpack.Decoder(Document)
_pack = msgspec.msgpack.Encoder().encode


class Written(NamedTuple):
    """What came of a change: a version in force, or an approval that it waits for.

    Both where a new restriction holds but for contact points on the confidential register, which wait.
    """

    version: RestrictionVersion | None
    approval: Approval | None = None
    warnings: tuple[PointTold, ...] = ()


Guard = Callable[[Document, Document, Collection[str]], None]
"""Raises ServiceError where a next version takes back what somebody still stands by, or one of the people who
ask for it or confirm it, by their ids, may not take part."""


class Restrictions:
    """Keeps the restrictions. Safe to share between threads."""

    def __init__(
        self, journal: Journal, versions: Versions, approvals: Approvals, elsewhere: Elsewhere
    ) -> None:
        """Every change is a version of `versions`, or waits in `approvals`.

        `elsewhere` tells where its contact points stand already.
        """
        self._elsewhere = elsewhere
        self._journal = journal
        self._versions = versions
        self._approvals = approvals
        self.guard: Guard | None = None
        """Asked before a request is taken back, and once more when a second person confirms it."""
        self.puts_right: Callable[[Restriction, Restriction], bool] = lambda before, after: False
        """Whether a next version takes away what was put right, and nothing else: no order holds that up."""

    def create(
        self,
        by: Principal,
        restriction: Restriction,
        request: Request | None = None,
        *,
        justification: str = "",
        review: str | None = None,
        notes: str = "",
        reason: str = "",
        ours: bool = False,
    ) -> Written:
        """A new restriction, in force at once. `request` is who asked for it; `ours` are canaries alone.

        Contact points on the confidential register wait for a second person; with no other one, it is
        refused.

        Raises InvalidError that names the field, ConflictError where the id was ever used, NotAllowedError
        outside the caller's prisons.
        """
        restriction, told = checked(restriction, ours=ours)
        check_pathway(restriction.pathway, justification, review)
        court_orders.check(restriction)
        document = Document(
            restriction=restriction,
            requests=(request or Request(id="1"),),
            justification=justification,
            review=review,
            notes=notes,
            reason=reason,
        )
        self._require_prison(by, restriction)
        with self._journal.write() as connection:
            if self._versions.latest_number(connection, restriction.id):
                raise ConflictError("there is, or was, a restriction with this id", "id")
            points = self._elsewhere.of_register(connection, restriction)
            registered = newly_registered(points, None, document)
            first = without(document, registered)
            if first is None:
                raise InvalidError(only_registered(restriction), f"contacts[{registered[0]}].value")
            (version,) = self._versions.write(
                connection, by.id, [Drafted(restriction.id, 0, first, "created")]
            )
            (repeated,) = self._elsewhere.repeated(connection, [restriction], by.prisons)
            approval = None
            if registered:
                asked = would_restrict(registered)
                approval = self.ask_change(connection, by.id, version, document, asked)
        return Written(version, approval, (*told, *told_waiting(restriction, registered), *repeated))

    def change(
        self,
        by: Principal,
        id_: str,
        version: int,
        reason: str,
        *,
        restriction: Restriction | None = None,
        justification: str | None = None,
        review: str | None = None,
        notes: str | None = None,
    ) -> Written:
        """The next version. What is left out stays; what loosens waits for a second person, and that alone.

        `version` is the one that was read. Raises InvalidError, NotFoundError, NotAllowedError, and
        ConflictError where somebody changed it since.
        """
        before = self._versions.get(id_)
        self._require_prison(by, before.document.restriction)
        old = before.document
        listed, told = (old.restriction, ()) if restriction is None else checked(restriction, old.restriction)
        after = msgspec.structs.replace(
            old,
            restriction=listed,
            justification=old.justification if justification is None else justification,
            review=old.review if review is None else review,
            notes=old.notes if notes is None else notes,
            reason=reason,
        )
        if after.restriction.id != id_:
            raise InvalidError("not the id of this restriction", "id")
        check_pathway(after.restriction.pathway, after.justification, after.review)
        court_orders.check(listed, old.restriction, reason)
        self._require_prison(by, after.restriction)
        written = self._change(by, before, version, after, CHANGED, "changed")
        return written._replace(warnings=(*told, *written.warnings))

    def widen(
        self,
        by: Principal,
        id_: str,
        version: int,
        reason: str,
        *,
        contacts: Sequence[Contact] = (),
        names: Sequence[str] = (),
        prisoners: Sequence[str] = (),
        court_order: str | None = None,
        request: Request | None = None,
    ) -> Written:
        """Add to a restriction; what is there already stays, and a request that was withdrawn stands again.

        What stops more is in force at once; contact points that would wait for a second person do, alone.
        Raises as `change`.
        """
        before = self._versions.get(id_)
        old = before.document
        self._require_prison(by, old.restriction)
        wide = wider(old.restriction, contacts, names, prisoners, court_order)
        listed, told = checked(wide, old.restriction)
        requests = old.requests if request is None else with_request(old.requests, request)
        after = msgspec.structs.replace(old, restriction=listed, requests=requests, reason=reason)
        with self._journal.write() as connection:
            if version != before.version or self._versions.latest_number(connection, id_) != version:
                raise ConflictError("somebody changed it meanwhile: read it again", "version")
            points = self._elsewhere.of_register(connection, listed)
            held = sorted({*newly_registered(points, old, after), *loosening(old, after)})
            first = without(after, held) or old
            (made,) = self._versions.write(
                connection, by.id, [Drafted(id_, version, first, "requested" if request else "changed")]
            )
            approval = None
            if held:
                approval = self.ask_change(connection, by.id, made, after, would_restrict(held))
        return Written(made, approval, (*told, *told_waiting(listed, held)))

    def add_request(self, by: Principal, id_: str, version: int, request: Request, reason: str) -> Written:
        """One more agency behind it; a withdrawn restriction stands again. Raises as `change`."""
        before = self._versions.get(id_)
        self._require_prison(by, before.document.restriction)
        if any(request.id == known.id for known in before.document.requests):
            raise ConflictError("there is a request with this id", "request.id")
        requests = (*before.document.requests, request)
        after = msgspec.structs.replace(before.document, requests=requests, reason=reason)
        return self._change(by, before, version, after, CHANGED, "requested")

    def review(self, by: Principal, id_: str, version: int, reason: str, next_review: str) -> Written:
        """It was looked at again and goes on as it is, until the next review. Raises as `change`."""
        before = self._versions.get(id_)
        self._require_prison(by, before.document.restriction)
        if not before.document.stands:
            raise ConflictError("it was withdrawn: there is nothing to go on", "version")
        if not reason.strip():
            raise InvalidError("say why it is still necessary and proportionate", "reason")
        now = self._journal.clock()
        try:
            is_later = dates.starts(next_review) > now
        except ValueError:
            raise InvalidError("not an ISO 8601 date", "review") from None
        if not is_later:
            raise InvalidError("the next review has to be later than today", "review")
        after = msgspec.structs.replace(
            before.document, review=next_review, reviewed=now.isoformat(), reason=reason
        )
        return self._change(by, before, version, after, CHANGED, "reviewed")

    def propose_end(self, by: Principal, id_: str, version: int, reason: str) -> Approval:
        """Everybody whom it names died: ask a second person that it end; until then it holds.

        Raises as `change`, and ConflictError where somebody is not noted as having died.
        """
        before = self._versions.get(id_)
        self._require_prison(by, before.document.restriction)
        if not before.document.stands:
            raise ConflictError("it was withdrawn already", "version")
        if not reason.strip():
            raise InvalidError("say why", "reason")
        after = self._without(before.document, reason)
        approval = self._change(by, before, version, after, AFTER_DEATH, "withdrawn").approval
        if approval is None:
            raise ConflictError("it stops nothing any more", "version")
        return approval

    def withdraw_request(
        self, by: Principal, id_: str, version: int, request_id: str, reason: str
    ) -> Written:
        """Take a request back. The last one that stands needs a second person.

        Raises as `change`; NotFoundError for a request that is not there or was withdrawn.
        """
        before = self._versions.get(id_)
        self._require_prison(by, before.document.restriction)
        if not any(one.id == request_id and one.stands for one in before.document.requests):
            raise NotFoundError("there is no such request, or it was withdrawn")
        after = self._without(before.document, reason, [request_id])
        kind = CHANGED if after.stands else WITHDRAWN
        return self._change(by, before, version, after, kind, "request_withdrawn")

    def confirmed(self, connection: Connection, by: Principal, approval: Approval, payload: bytes) -> None:
        """Put in force what waited for a second person, who is `by`. Raises ConflictError when it changed."""
        if approval.kind == REMOVED:
            self._remove_confirmed(connection, by, approval, payload)
            return
        latest = self._versions.latest_number(connection, approval.subject)
        now, after = self.waiting(approval, payload)
        if latest != now.version:
            raise ConflictError("somebody changed it meanwhile: open it again", "version")
        if after is None:
            raise ConflictError(CHANGED_SINCE)
        self._require_free(now.document, after, (approval.asked_by, by.id), approval.kind)
        outcome = "withdrawn" if not after.stands else "changed"
        drafted = Drafted(approval.subject, latest, after, outcome, confirmed_by=by.id)
        self._versions.write(connection, approval.asked_by, [drafted])

    def waiting(self, approval: Approval, payload: bytes) -> tuple[RestrictionVersion, Document | None]:
        """The version that holds, and the one that follows it if what waits is confirmed.

        What it adds is added to whatever changed since; None as `rebased`.
        """
        now, after = self._versions.get(approval.subject), proposed(payload)
        if now.version == approval.base:
            return now, after
        base = self._versions.version(approval.subject, approval.base)
        return now, rebased(base.document, after, now.document)

    def ask_change(
        self,
        connection: Connection,
        actor: str,
        before: RestrictionVersion,
        after: Document,
        loosened: tuple[str, ...],
        kind: str = CHANGED,
    ) -> Approval:
        """Let a second person decide on the next version, in the transaction that is open."""
        place = (before.document.restriction.establishments or (None,))[0]
        asked = Asked(kind, before.id, before.version, place, _pack(after), loosened)

        def goes_on(earlier: Approval, payload: bytes) -> bool:
            """Whether it has a contact point that would be lost if it gave way."""
            base = self._versions.numbered(connection, earlier.subject, earlier.base)
            return not contacts_added(base, proposed(payload)) <= set(after.restriction.contacts)

        return self._approvals.ask(connection, actor, asked, goes_on)

    def ask_removal(self, actor: str, ids: Sequence[str], reason: str) -> Approval:
        """Let a second person decide whether many restrictions go; they stay in force until then."""
        with self._journal.write() as connection:
            known = self._versions.latest(connection, ids)
            versions = [(id_, known[id_].version) for id_ in ids if id_ in known]
            subject = f"{len(ids):,} restrictions, {secrets.token_hex(4)}"
            asked = Asked(REMOVED, subject, 0, None, _pack([versions, reason]))
            return self._approvals.ask(connection, actor, asked)

    def held_up(self, actor: str, ids: Sequence[str], reason: str) -> dict[str, str]:
        """Which of these the guard does not let somebody take back, each with why."""
        with self._journal.database.read() as connection:
            found = [
                one
                for start in range(0, len(ids), CHUNK)
                for one in self._versions.standing_of(connection, ids[start : start + CHUNK])
            ]
        told = (
            (one.id, self.held_up_by(one.document, self._without(one.document, reason), actor))
            for one in found
        )
        return {id_: why for id_, why in told if why is not None}

    def held_up_by(self, before: Document, after: Document, actor: str) -> str | None:
        """Why a next version is none that anybody may confirm; None where it is."""
        try:
            self._require_free(before, after, (actor,))
        except ConflictError as error:
            return error.detail
        return None

    def remove(self, connection: Connection, actor: str, ids: Sequence[str], reason: str) -> int:
        """Withdraw every request of these; gives how many of them stood."""
        return len(self._withdraw_all(connection, actor, ids, reason, None))

    def view(self, by: Principal, version: RestrictionVersion, why: str) -> None:
        """Record that somebody sees the protected details of a version. Raises NotAllowedError."""
        self._require_prison(by, version.document.restriction)
        named = version.document.restriction.prisoners
        self._journal.saw(
            by.id,
            f"restriction/{version.id}/{version.version}",
            why,
            prisoner=named[0] if len(named) == 1 else None,
            establishment=version.establishment,
        )

    def has_seen(self, by: Principal, version: RestrictionVersion) -> bool:
        """Whether somebody has opened this version, or one before it."""
        every = [f"restriction/{version.id}/{number}" for number in range(1, version.version + 1)]
        with self._journal.database.read() as connection:
            return search.has_seen(connection, by.id, *every)

    def concerns(self, by: Principal, approval: Approval) -> bool:
        """Whether it is about a restriction of their prisons; one of many is about all prisons."""
        if approval.kind == REMOVED:
            return not by.prisons
        return bool(self._versions.may_concern(by.prisons, [approval.subject]))

    def _change(
        self,
        by: Principal,
        before: RestrictionVersion,
        version: int,
        after: Document,
        kind: str,
        outcome: str,
    ) -> Written:
        if version != before.version:
            raise ConflictError("somebody changed it meanwhile: read it again", "version")
        loosened = loosens(before.document, after)
        with self._journal.write() as connection:
            self._require_free(before.document, after, (by.id,), kind)
            if self._versions.latest_number(connection, before.id) != version:
                raise ConflictError("somebody changed it meanwhile: read it again", "version")
            points = self._elsewhere.of_register(connection, after.restriction)
            registered = newly_registered(points, before.document, after)
            loosened += would_restrict(registered)
            if loosened:
                first = at_once(before.document, after, registered)
                if kind == CHANGED and first != before.document:
                    (before,) = self._versions.write(
                        connection, by.id, [Drafted(before.id, version, first, outcome)]
                    )
                return Written(None, self.ask_change(connection, by.id, before, after, loosened, kind))
            (made,) = self._versions.write(connection, by.id, [Drafted(before.id, version, after, outcome)])
            (repeated,) = self._elsewhere.repeated(connection, [after.restriction], by.prisons)
        return Written(made, warnings=repeated)

    def _remove_confirmed(
        self, connection: Connection, by: Principal, approval: Approval, payload: bytes
    ) -> None:
        asked, reason = msgspec.msgpack.decode(payload, type=_Removal)
        ids = [id_ for id_, _ in asked]
        known = self._versions.latest(connection, ids)
        if any(id_ not in known or known[id_].version != version for id_, version in asked):
            raise ConflictError("some of these restrictions changed since: ask for the rest again")
        self._withdraw_all(connection, approval.asked_by, ids, reason, by.id)

    def _withdraw_all(
        self, connection: Connection, actor: str, ids: Sequence[str], reason: str, second: str | None
    ) -> list[str]:
        gone: list[str] = []
        for start in range(0, len(ids), CHUNK):
            drafts = []
            for one in self._versions.standing_of(connection, ids[start : start + CHUNK]):
                after = self._without(one.document, reason)
                self._require_free(one.document, after, (actor, second) if second else (actor,))
                drafts.append(Drafted(one.id, one.version, after, "withdrawn", second))
            if drafts:
                self._versions.write(connection, actor, drafts)
            gone += [draft.id for draft in drafts]
        return gone

    def _without(
        self, document: Document, reason: str, request_ids: Collection[str] | None = None
    ) -> Document:
        today = self._journal.clock().isoformat()
        requests = tuple(
            msgspec.structs.replace(request, withdrawn=today, withdrawn_because=reason)
            if request.stands and (request_ids is None or request.id in request_ids)
            else request
            for request in document.requests
        )
        return msgspec.structs.replace(document, requests=requests, reason=reason)

    def _require_free(
        self, before: Document, after: Document, people: Collection[str], kind: str = CHANGED
    ) -> None:
        """Raises what the guard raises, or an order holds up; after a death nobody is asked who stands by."""
        if kind == AFTER_DEATH:
            if not self._versions.all_died(before.restriction):
                raise ConflictError("not every prisoner whom it names is noted as having died", "because")
            return
        if before.stands and not self.puts_right(before.restriction, after.restriction):
            now, found = self._journal.clock(), loosens(before, after)
            court_orders.require(before.restriction, after.restriction, found, now)
        if self.guard is not None:
            self.guard(before, after, people)

    def _require_prison(self, by: Principal, restriction: Restriction) -> None:
        if not self._versions.covers(by.prisons, restriction):
            by.require_prison(None)


def proposed(payload: bytes) -> Document:
    """The next version, from the approval that it waits for."""
    return _documents.decode(payload)


def removal(payload: bytes) -> tuple[list[str], str]:
    """Which restrictions are to go, and why, from the approval that they wait for."""
    asked, reason = msgspec.msgpack.decode(payload, type=_Removal)
    return [id_ for id_, _ in asked], reason
