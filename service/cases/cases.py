"""Cases: each change a new version, nothing deleted; what is approved is a restriction in the same breath.

A restriction is made before its case says so: whatever happens between, she is protected, and approving once
more finds it there.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Container, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Row, func, select

from engine.model import Contact
from matchers.prison import is_prisoner_number
from service.access.model import Principal, Right
from service.cases import rules
from service.cases.model import OPEN, Case, CaseDocument, CaseNote, CaseState, Channel, Consideration, Notice
from service.cases.tables import case_version
from service.errors import ConflictError, InvalidError, NotFoundError
from service.ledger import search
from service.public.asked import Asked
from service.registry.model import RestrictionVersion
from service.registry.registry import Registry
from service.storage import rows

CASE = "case"
"""The kind of its records and outbox rows."""
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of an id: nothing that is read for something else over the telephone."""
_documents = msgspec.msgpack.Decoder(CaseDocument)
_pack = msgspec.msgpack.Encoder().encode


class CaseStep(NamedTuple):
    """A version about to be written."""

    document: CaseDocument
    state: CaseState
    outcome: str
    """One word for the ledger."""
    assigned: str | None = None


class Done(NamedTuple):
    """What came of an act: the case, what its author should know, the approval that it waits for."""

    case: Case
    warnings: tuple[str, ...] = ()
    approval: str | None = None


class Cases:
    """Keeps the cases. Safe to share between threads."""

    def __init__(self, registry: Registry, holidays: Container[date] = ()) -> None:
        """What is approved goes into `registry`; nothing is due on one of the `holidays`."""
        self._registry = registry
        self._journal = registry.journal
        self._holidays = holidays

    # ── taking in ───────────────────────────────────────────────────────────────────────────────────────

    def take_in(
        self, actor: str, asked: Asked, channel: Channel, words: str = "", source: bytes = b""
    ) -> Case | None:
        """A new case; None where what it was opened from was taken in before."""
        digest = self._journal.vault.digest("intake", source.hex()) if source else None
        document = CaseDocument(asked=asked, channel=channel, words=words)
        with self._journal.write() as connection:
            if digest is not None and self._is_known(connection, digest):
                return None
            return self._first(connection, actor, document, digest)

    def key_in(self, by: Principal, asked: Asked, channel: Channel, words: str) -> Case:
        """What came by telephone or e-mail, keyed in by an officer."""
        by.require(Right.HANDLE_CASES)
        document = CaseDocument(asked=asked, channel=channel, words=words)
        with self._journal.write() as connection:
            return self._first(connection, by.id, document, None)

    def _first(
        self, connection: Connection, actor: str, document: CaseDocument, source: bytes | None
    ) -> Case:
        id_ = "C-" + "".join(secrets.choice(ALPHABET) for _ in range(8))
        step = CaseStep(document, CaseState.RECEIVED, "received")
        return self._write(connection, actor, id_, None, step, source)

    def _is_known(self, connection: Connection, digest: bytes) -> bool:
        wanted = select(func.count()).select_from(case_version).where(case_version.c.source == digest)
        return bool(connection.execute(wanted).scalar())

    # ── considering ─────────────────────────────────────────────────────────────────────────────────────

    def confirm_prisoner(self, by: Principal, id_: str, version: int, number: str, because: str) -> Case:
        """Somebody is sure who the prisoner is. Raises InvalidError for what is no prisoner number."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.RECEIVED, CaseState.NOT_FOUND, CaseState.CONSIDERING)
        number = number.strip().upper()
        if not is_prisoner_number(number):
            raise InvalidError("not a prisoner number, such as A1234BC", "prisoner")
        if not because.strip():
            raise InvalidError("say why it is he", "because")
        number = self._registry.prisoners.group(number)[0]
        state = CaseState.CONSIDERING if case.kind == "stop" else CaseState.INVESTIGATING
        document = replace(case.document, prisoner=number, confirmed_by=by.id, because=because)
        return self._next(by, case, CaseStep(document, state, "matched", case.assigned))

    def not_found(self, by: Principal, id_: str, version: int, because: str) -> Case:
        """Nobody of that description is in prison, as far as is known."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.RECEIVED)
        document = replace(case.document, because=because)
        return self._next(by, case, CaseStep(document, CaseState.NOT_FOUND, "not_found", case.assigned))

    def list_contacts(self, by: Principal, id_: str, version: int, contacts: Sequence[Contact]) -> Case:
        """What is to be listed, as an officer went through it."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.RECEIVED, CaseState.NOT_FOUND, CaseState.CONSIDERING)
        document = replace(case.document, contacts=tuple(contacts))
        return self._next(by, case, CaseStep(document, case.state, "listed", case.assigned))

    def refuse(self, by: Principal, id_: str, version: int, because: str) -> Case:
        """It is not approved, and why; nothing was in force yet."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.RECEIVED, CaseState.NOT_FOUND, CaseState.CONSIDERING)
        if not because.strip():
            raise InvalidError("say why", "because")
        document = replace(case.document, refused_because=because)
        return self._next(by, case, CaseStep(document, CaseState.REFUSED, "refused", case.assigned))

    def approve(self, by: Principal, id_: str, version: int, consideration: Consideration) -> Done:
        """Approve it on a pathway: the restriction is in force.

        Contact points on the confidential register wait for a second person, as everywhere. Raises
        InvalidError that tells all that is missing, and as `Restrictions.create`.
        """
        case, document = self._approvable(by, id_, version, consideration)
        restriction = rules.restriction_of(id_, document, consideration)
        request = rules.request_of(id_, document)
        warnings: tuple[str, ...] = ()
        approval = None
        standing = self._behind(id_, id_)
        if standing is None:
            written = self._registry.restrictions.create(
                by,
                restriction,
                request,
                justification=rules.justification(consideration),
                review=consideration.review,
                reason=f"case {id_}",
            )
            warnings = written.warnings
            approval = written.approval.id if written.approval else None
        document = replace(document, restriction=id_)
        made = self._next(by, case, CaseStep(document, CaseState.IN_FORCE, "approved", case.assigned))
        return Done(made, warnings, approval)

    def join(
        self, by: Principal, id_: str, version: int, restriction: str, consideration: Consideration
    ) -> Done:
        """Approve it behind a restriction that stands for the same prisoner: both requests hold it up, and
        what only this one names is added to it."""
        case, document = self._approvable(by, id_, version, consideration)
        found = self._registry.versions.get(restriction)
        if document.prisoner not in self._registry.versions.today(found.document.restriction).prisoners:
            raise InvalidError("that restriction is of another prisoner", "restriction")
        warnings: tuple[str, ...] = ()
        if self._behind(restriction, id_) is None:
            request = rules.request_of(id_, document)
            written = self._registry.restrictions.add_request(
                by, restriction, found.version, request, f"case {id_}"
            )
            if written.version is None:
                raise ConflictError("it waits for a second person: confirm that first", "restriction")
            found, warnings = written.version, written.warnings
        listed = found.document.restriction
        known = set(listed.contacts)
        added = tuple(one for one in document.contacts if one not in known)
        if added:
            wider = replace(listed, contacts=(*listed.contacts, *added))
            written = self._registry.restrictions.change(
                by, restriction, found.version, f"case {id_}", restriction=wider
            )
            warnings += written.warnings
        document = replace(document, restriction=restriction)
        return Done(
            self._next(by, case, CaseStep(document, CaseState.IN_FORCE, "joined", case.assigned)), warnings
        )

    def _approvable(
        self, by: Principal, id_: str, version: int, consideration: Consideration
    ) -> tuple[Case, CaseDocument]:
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.CONSIDERING)
        rules.require_nothing(rules.missing(case.document, consideration))
        signed = replace(consideration, author=by.id, at=self._journal.clock().isoformat())
        return case, replace(case.document, consideration=signed)

    def _behind(self, restriction: str, request: str) -> RestrictionVersion | None:
        """The restriction, if this request is behind it already."""
        try:
            found = self._registry.versions.get(restriction)
        except NotFoundError:
            return None
        return found if any(one.id == request for one in found.document.requests) else None

    # ── after it is in force ────────────────────────────────────────────────────────────────────────────

    def serve(self, by: Principal, id_: str, version: int, how: str, *, refused: bool = False) -> Case:
        """The prisoner was told."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.IN_FORCE, CaseState.WITHDRAWING)
        if not how.strip():
            raise InvalidError("say how he was told", "how")
        notice = replace(
            case.document.notice, served=self._journal.clock().isoformat(), by=by.id, how=how, refused=refused
        )
        document = replace(case.document, notice=notice)
        return self._next(by, case, CaseStep(document, case.state, "served", case.assigned))

    def hold_notice(self, by: Principal, id_: str, version: int, because: str) -> Case:
        """Telling him would itself be a danger: two people say so, one after the other."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.IN_FORCE, CaseState.WITHDRAWING)
        notice = case.document.notice
        if by.id in notice.held_by:
            raise ConflictError("a second person has to say so too", "notice")
        if not (because.strip() or notice.held_because):
            raise InvalidError("say why", "because")
        held = Notice(held_because=because or notice.held_because, held_by=(*notice.held_by, by.id))
        document = replace(case.document, notice=held)
        return self._next(by, case, CaseStep(document, case.state, "notice_held", case.assigned))

    def ask_withdrawal(self, by: Principal, id_: str, version: int, who: str) -> Case:
        """Somebody asked that it end. Nothing ends yet."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.IN_FORCE)
        if not who.strip():
            raise InvalidError("say who asked", "who")
        document = rules.withdrawal(case.document, who, self._journal.clock())
        return self._next(
            by, case, CaseStep(document, CaseState.WITHDRAWING, "withdrawal_asked", case.assigned)
        )

    def call_back(self, by: Principal, id_: str, version: int, safely: str, pressed: str) -> Case:
        """She was called back, on the number of her own request, and asked whether she is free to decide."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.WITHDRAWING)
        if pressed not in ("yes", "no", "unsure"):
            raise InvalidError("say whether anything points to pressure", "pressed")
        asked = rules.withdrawal_of(case.document)
        called = self._journal.clock().isoformat()
        answered = replace(asked, called_back=called, called_by=by.id, safely=safely, pressed=pressed)
        document = replace(case.document, withdrawal=answered)
        return self._next(by, case, CaseStep(document, case.state, "called_back", case.assigned))

    def keep(self, by: Principal, id_: str, version: int, reason: str) -> Case:
        """The withdrawal is not followed: the restriction goes on."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.WITHDRAWING)
        document = replace(case.document, withdrawal=None, reason=reason)
        return self._next(by, case, CaseStep(document, CaseState.IN_FORCE, "kept", case.assigned))

    def end(self, by: Principal, id_: str, version: int, reason: str) -> Done:
        """Take this request back from its restriction, which stands while another one, or a court's order,
        holds it up; the last one waits for a second person in the registry.

        Raises InvalidError that tells all that stands against it.
        """
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.WITHDRAWING)
        document = case.document
        rules.require_nothing(rules.unmet(document, self._journal.clock()))
        found = self._registry.versions.get(document.restriction or id_)
        approval = None
        if any(one.id == id_ and one.stands for one in found.document.requests):
            written = self._registry.restrictions.withdraw_request(by, found.id, found.version, id_, reason)
            approval = written.approval.id if written.approval else None
        if approval is not None:
            return Done(case, ("a second person has to confirm it; until then it is in force",), approval)
        document = replace(document, reason=reason)
        return Done(self._next(by, case, CaseStep(document, CaseState.ENDED, "ended", case.assigned)))

    def close(
        self, by: Principal, id_: str, version: int, *, outcome: str, route: str, referred: str = ""
    ) -> Case:
        """A report was looked into."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.INVESTIGATING)
        if not outcome.strip():
            raise InvalidError("say what was found", "outcome")
        document = replace(case.document, outcome=outcome, route=route, referred=referred)
        return self._next(by, case, CaseStep(document, CaseState.CLOSED, "closed", case.assigned))

    def link(self, by: Principal, id_: str, version: int, restriction: str) -> Case:
        """Of which restriction a report says that it was got around."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.INVESTIGATING)
        found = self._registry.versions.get(restriction).document.restriction
        if case.prisoner not in self._registry.versions.today(found).prisoners:
            raise InvalidError("that restriction is of another prisoner", "restriction")
        document = replace(case.document, restriction=restriction)
        return self._next(by, case, CaseStep(document, case.state, "linked", case.assigned))

    def learn(self, by: Principal, id_: str, version: int, contacts: Sequence[Contact]) -> Done:
        """List what contact went by, such as an accomplice's number: from now on it is stopped as hers is."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.INVESTIGATING)
        if case.restriction is None:
            raise InvalidError("say first which restriction was got around", "restriction")
        if not contacts:
            raise InvalidError("nothing is written", "learnt")
        found = self._registry.versions.get(case.restriction)
        listed = found.document.restriction
        known = set(listed.contacts)
        wider = (*listed.contacts, *(one for one in contacts if one not in known))
        written = self._registry.restrictions.change(
            by,
            found.id,
            found.version,
            f"learnt from case {id_}",
            restriction=replace(listed, contacts=wider),
        )
        approval = written.approval.id if written.approval else None
        document = replace(case.document, learnt=(*case.document.learnt, *contacts))
        made = self._next(by, case, CaseStep(document, case.state, "learnt", case.assigned))
        return Done(made, written.warnings, approval)

    # ── the work itself ─────────────────────────────────────────────────────────────────────────────────

    def assign(self, by: Principal, id_: str, version: int, to: str | None) -> Case:
        """Somebody takes it, or hands it over."""
        case = self._read(by, id_, version)
        return self._next(by, case, CaseStep(case.document, case.state, "assigned", to))

    def note(self, by: Principal, id_: str, version: int, text: str, waiting_for: str = "") -> Case:
        """Write something down, and what is waited for."""
        case = self._read(by, id_, version)
        if not text.strip():
            raise InvalidError("nothing is written", "text")
        noted = CaseNote(at=self._journal.clock().isoformat(), by=by.id, text=text)
        document = replace(case.document, notes=(*case.document.notes, noted), waiting_for=waiting_for)
        return self._next(by, case, CaseStep(document, case.state, "noted", case.assigned))

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────

    def get(self, by: Principal, id_: str) -> Case:
        """The latest version. Raises NotFoundError, also for a case of prisons that are not the caller's."""
        by.require(Right.HANDLE_CASES)
        wanted = select(case_version).where(case_version.c.id == id_, case_version.c.latest)
        with self._journal.database.read() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None or not by.covers(row.establishment):
            raise NotFoundError("there is no such case")
        return self._case(row)

    def view(self, by: Principal, case: Case, why: str) -> None:
        """Record, before it is shown, that somebody sees what is protected of a case."""
        self._journal.saw(
            by.id, f"{CASE}/{case.id}", why, prisoner=case.prisoner, establishment=case.establishment
        )

    def has_seen(self, by: Principal, case: Case) -> bool:
        """Whether somebody has opened any version of it."""
        with self._journal.database.read() as connection:
            return search.has_seen(connection, by.id, f"{CASE}/{case.id}")

    def page(
        self,
        by: Principal,
        *,
        states: Collection[CaseState] = OPEN,
        assigned: str | None = None,
        limit: int = 50,
        after: tuple[datetime, str] | None = None,
    ) -> list[Case]:
        """Cases by what is due first."""
        by.require(Right.HANDLE_CASES)
        wanted = select(case_version).where(
            case_version.c.latest, case_version.c.state.in_([state.value for state in states])
        )
        if assigned is not None:
            wanted = wanted.where(case_version.c.assigned == assigned)
        if by.prisons:
            wanted = wanted.where(case_version.c.establishment.in_(sorted(by.prisons)))
        if after is not None:
            at, id_ = after
            wanted = wanted.where(
                (case_version.c.due > at) | ((case_version.c.due == at) & (case_version.c.id > id_))
            )
        wanted = wanted.order_by(case_version.c.due, case_version.c.id).limit(limit)
        with self._journal.database.read() as connection:
            return [self._case(row) for row in connection.execute(wanted)]

    def behind(self, restriction: str) -> list[Case]:
        """The cases behind a restriction."""
        wanted = select(case_version).where(case_version.c.latest, case_version.c.restriction == restriction)
        with self._journal.database.read() as connection:
            return [self._case(row) for row in connection.execute(wanted.order_by(case_version.c.id))]

    def asked_already(self, by: Principal, case: Case) -> list[RestrictionVersion]:
        """Restrictions of the same prisoner that stand for the same person, by name or contact point."""
        if case.prisoner is None:
            return []
        versions, document = self._registry.versions, case.document
        person = document.asked.person
        found: dict[str, RestrictionVersion] = {}
        for name in (person.name, *person.aliases):
            found |= {one.id: one for one in versions.find(name=name, prisons=by.prisons)}
        for contact in document.contacts:
            found |= {one.id: one for one in versions.find(contact=contact.value, prisons=by.prisons)}
        return [
            one
            for _, one in sorted(found.items())
            if one.document.stands and case.prisoner in versions.today(one.document.restriction).prisoners
        ]

    # ── versions ────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, by: Principal, id_: str, version: int) -> Case:
        case = self.get(by, id_)
        if case.version != version:
            raise ConflictError("somebody changed it meanwhile: read it again", "version")
        return case

    def _next(self, by: Principal, case: Case, step: CaseStep) -> Case:
        with self._journal.write() as connection:
            return self._write(connection, by.id, case.id, case, step)

    def _write(
        self,
        connection: Connection,
        actor: str,
        id_: str,
        before: Case | None,
        step: CaseStep,
        source: bytes | None = None,
    ) -> Case:
        now = self._journal.clock()
        version = before.version + 1 if before else 1
        document = step.document if before is None else step.document.without_evidence()
        prisoner = document.prisoner
        place = self._registry.where_is(prisoner) if prisoner else None
        urgency = document.asked.urgency
        if before is not None and before.state is step.state:
            due = before.due
        else:
            due = rules.due(step.state, urgency, now, self._holidays)
        record = self._journal.record(
            actor, f"{CASE}/{id_}/{version}", step.outcome, prisoner=prisoner, establishment=place
        )
        (seq,) = self._journal.append(connection, [record])
        row: dict[str, Any] = {
            "id": id_,
            "version": version,
            "seq": seq,
            "at": now,
            "author": actor,
            "state": step.state.value,
            "latest": True,
            "kind": document.asked.kind,
            "urgency": urgency,
            "due": due,
            "assigned": step.assigned,
            "prisoner": prisoner,
            "establishment": place,
            "restriction": document.restriction,
            "source": source,
            "sealed": self._journal.vault.seal(_pack(document), f"case/{id_}/{version}"),
        }
        self._journal.follow(connection, CASE, case_version, [row])
        plain = {name: row[name] for name in _PLAIN}
        return Case(**plain, state=step.state, document=document)

    def _case(self, row: Row[Any]) -> Case:
        rows.require(self._journal.vault, case_version, row)
        document = _documents.decode(self._journal.vault.open(row.sealed, f"case/{row.id}/{row.version}"))
        plain = {name: getattr(row, name) for name in _PLAIN}
        return Case(**plain, state=CaseState(row.state), document=document)


_PLAIN = (
    "id", "version", "seq", "at", "author", "kind", "urgency", "due", "assigned", "prisoner", "establishment",
    "restriction",
)  # fmt: skip
