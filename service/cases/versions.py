"""Versions of cases: read by whoever handles cases, each written after the one before it, sealed."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Container, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from functools import wraps
from itertools import islice
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from service.access.model import Principal, Right
from service.cases import figures, keys, rules
from service.cases.model import NOTHING_LEFT, OPEN, UNREAD, Case, CaseDocument, CaseState
from service.cases.outbox import Outbox
from service.cases.tables import CASE, case_key, case_version
from service.errors import ConflictError, NotFoundError
from service.ledger import search
from service.registry.ids import drawn_id
from service.registry.registry import Registry
from service.registry.restrictions import Written
from service.storage import rows
from service.storage.unread import none_of, reading

NOBODY = ""
"""In the place of whom a case is assigned to."""
_NEVER = datetime.max.replace(tzinfo=UTC)
WANTED = select(case_version, case_key.c.sealed.label("key")).outerjoin(
    case_key, case_key.c.id == case_version.c.id
)
"""Versions as they are read, each with the key of its case."""
Acting = TypeVar("Acting", bound="CaseVersions")
Given = ParamSpec("Given")
Came = TypeVar("Came")
_documents = msgspec.msgpack.Decoder(CaseDocument)
_pack = msgspec.msgpack.Encoder().encode


class CaseStep(NamedTuple):
    """A version about to be written."""

    document: CaseDocument
    state: CaseState
    outcome: str
    """One word for the ledger."""
    assigned: str | None = None
    due: datetime | None = None
    """When the next step is due, where that is not told by the state alone."""


class Done(NamedTuple):
    """What came of an act: the case, what its author should know, the approval that it waits for."""

    case: Case
    warnings: tuple[str, ...] = ()
    approval: str | None = None
    holds: bool = True
    """Whether it is in force in the whole estate, but for what waits."""


def done(case: Case, written: Written, told: tuple[str, ...] = (), *, holds: bool = True) -> Done:
    """What came of an act that changed the restriction, in words for its author."""
    warnings = (*told, *(one.in_words for one in written.warnings))
    return Done(case, warnings, written.approval.id if written.approval else None, holds)


def act(
    method: Callable[Concatenate[Acting, Given], Came],
) -> Callable[Concatenate[Acting, Given], Came]:
    """An act on a case: what it reads of the case and of its restriction, and what it writes of both, is one
    transaction. Of two at once the second sees what the first has done, as a second person's confirmation
    does."""

    @wraps(method)
    def whole(self: Acting, /, *given: Given.args, **named: Given.kwargs) -> Came:
        with self.whole():
            return method(self, *given, **named)

    return whole


class CaseVersions:
    """Reads and writes them. Safe to share between threads."""

    def __init__(self, registry: Registry, holidays: Container[date] = ()) -> None:
        """What is approved goes into `registry`; nothing is due on one of the `holidays`."""
        self._registry = registry
        self._journal = registry.journal
        self._holidays = holidays
        self.outbox = Outbox(registry, self._document_now)
        self.database, self.vault = registry.journal.database, registry.journal.vault

    def whole(self) -> AbstractContextManager[Connection]:
        """The transaction of an act."""
        return self._journal.whole()

    def get(self, by: Principal, id_: str) -> Case:
        """The latest version. Raises NotFoundError, also for a case of prisons that are not the caller's."""
        by.require(Right.HANDLE_CASES)
        wanted = WANTED.where(case_version.c.id == id_, case_version.c.latest)
        with self._journal.database.read() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None or not by.covers(self._registry.where_is(row.prisoner)):
            raise NotFoundError("there is no such case")
        return self._case(row)

    def latest(self, id_: str) -> Case | None:
        """The latest version, for the service itself; None where there is no such case."""
        wanted = WANTED.where(case_version.c.id == id_, case_version.c.latest)
        with self._journal.database.read() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else self._case(row)

    def _document_now(self, connection: Connection, id_: str) -> CaseDocument:
        wanted = WANTED.where(case_version.c.id == id_, case_version.c.latest)
        return self._case(connection.execute(wanted).one()).document

    def place_of(self, case: Case) -> str | None:
        """The prison where its prisoner is now; None where nobody knows."""
        return self._registry.where_is(case.prisoner)

    def history(self, case: Case) -> list[Case]:
        """Every version, the first first; with empty documents where they were destroyed, and one that cannot
        be read as that."""
        wanted = WANTED.where(case_version.c.id == case.id).order_by(case_version.c.version)
        with self._journal.database.read() as connection:
            found = connection.execute(wanted).all()
        is_gone = case.state is CaseState.DESTROYED
        return [self._listed(row, is_gone=is_gone) for row in found]

    def view(self, by: Principal, case: Case, why: str) -> None:
        """Record, before it is shown, that somebody sees what is protected of a case."""
        self._journal.saw(
            by.id, f"{CASE}/{case.id}", why, prisoner=case.prisoner, establishment=case.establishment
        )

    def has_seen(self, by: Principal, case: Case) -> bool:
        """Whether somebody has opened any version of it."""
        with self._journal.database.read() as connection:
            return search.has_seen(connection, by.id, f"{CASE}/{case.id}")

    def require_seen(self, by: Principal, case: Case) -> None:
        """Raises ConflictError for who has not opened it: nobody acts on what he has not seen."""
        if not self.has_seen(by, case):
            raise ConflictError("open the case first")

    def page(
        self,
        by: Principal,
        *,
        states: Collection[CaseState] = OPEN,
        assigned: str | None = None,
        limit: int = 50,
        after: tuple[datetime | None, str] | None = None,
        due_before: datetime | None = None,
    ) -> list[Case]:
        """Cases by what is due first; those of which nothing is due by their ids; `assigned` as in `ids`.

        Only what is shown is opened.
        """
        shown = self.ids(
            by, states=states, assigned=assigned, limit=limit, after=after, due_before=due_before
        )
        return self.of_ids(shown)

    def of_ids(self, ids: Sequence[str]) -> list[Case]:
        """The latest versions of these, in their order; for whoever looked whose they are."""
        wanted = WANTED.where(case_version.c.latest, case_version.c.id.in_(ids))
        with self._journal.database.read() as connection:
            found = {row.id: row for row in connection.execute(wanted)}
        return [self._listed(found[id_]) for id_ in ids if id_ in found]

    def missing(self, by: Principal) -> list[str]:
        """Cases of somebody's prisons that no list has, since none of their versions is the latest, as far as
        it was noticed (`service.operations.missing`)."""
        noted = sorted(self.vault.unread.get(CASE, set()).copy())
        wanted = select(case_version.c.id, case_version.c.prisoner, case_version.c.latest)
        wanted = wanted.where(case_version.c.id.in_(noted)).order_by(case_version.c.version)
        with self._journal.database.read() as connection:
            found = connection.execute(wanted).all()
        listed, whose = {row.id for row in found if row.latest}, {row.id: row.prisoner for row in found}
        missing = (id_ for id_ in noted if id_ in whose and id_ not in listed)
        return [id_ for id_ in missing if by.covers(self._registry.where_is(whose[id_]))]

    def ids(
        self,
        by: Principal,
        *,
        states: Collection[CaseState] = OPEN,
        assigned: str | None = None,
        limit: int,
        after: tuple[datetime | None, str] | None = None,
        due_before: datetime | None = None,
    ) -> list[str]:
        """Of which cases a page is, and those in a state that nobody knows; `assigned` to NOBODY are those
        that nobody has.

        The keys alone are read, in the order of their index, state by state.
        """
        by.require(Right.HANDLE_CASES)
        found = case_version.c
        wanted = select(found.id, found.due, found.prisoner).where(found.latest, self.of_prisons(by))
        groups = [found.state == state.value for state in sorted(states)]
        if assigned == NOBODY:
            wanted = wanted.where(found.assigned.is_(None))
        elif assigned is not None:  # few, and found by whom they are with
            wanted = wanted.where(found.assigned == assigned)
            groups = [found.state.in_([state.value for state in states])]
        groups.append(none_of(found.state, CaseState))
        if after is not None:
            at, id_ = after
            if at is None:
                wanted = wanted.where(found.due.is_(None), found.id > id_)
            else:
                wanted = wanted.where(found.due >= at, (found.due > at) | (found.id > id_))
        if due_before is not None:
            wanted = wanted.where(found.due < due_before)
        wanted = wanted.order_by(found.due, found.id).execution_options(yield_per=limit)
        with self._journal.database.read() as connection:
            of_states = [connection.execute(wanted.where(group)) for group in groups]
            in_order = heapq.merge(*of_states, key=lambda row: (row.due or _NEVER, row.id))
            mine = (row.id for row in in_order if by.covers(self._registry.where_is(row.prisoner)))
            return list(islice(mine, limit))

    def of_prisons(self, by: Principal) -> ColumnElement[bool]:
        """Whether a case is of the prisons of somebody, for a statement."""
        if not by.prisons:
            return true()
        return self._registry.prisoners.are_in(case_version.c.prisoner, by.prisons)

    def in_state(self, state: CaseState) -> list[Case]:
        """Every case in it, for the service itself."""
        return self._latest_where(case_version.c.state == state.value)

    def behind_any(self, by: Principal, restrictions: Collection[str]) -> dict[str, list[Case]]:
        """The cases of somebody's prisons behind each of some restrictions."""
        by.require(Right.HANDLE_CASES)
        wanted = case_version.c.restriction.in_(restrictions)
        found: dict[str, list[Case]] = {}
        for case in self._latest_where(wanted & self.of_prisons(by)):
            if by.covers(self.place_of(case)):
                found.setdefault(str(case.restriction), []).append(case)
        return found

    def behind(self, restriction: str) -> list[Case]:
        """The cases behind a restriction."""
        return self._latest_where(case_version.c.restriction == restriction)

    def ever_behind(self, restriction: str) -> list[Case]:
        """The cases of which any version names a restriction."""
        named = select(case_version.c.id).where(case_version.c.restriction == restriction)
        return self._latest_where(case_version.c.id.in_(named))

    def _latest_where(self, condition: ColumnElement[bool]) -> list[Case]:
        wanted = WANTED.where(case_version.c.latest, condition)
        with self._journal.database.read() as connection:
            return [self._listed(row) for row in connection.execute(wanted.order_by(case_version.c.id))]

    def _first(
        self,
        connection: Connection,
        actor: str,
        document: CaseDocument,
        source: bytes | None = None,
        assigned: str | None = None,
    ) -> Case:
        step = CaseStep(document, CaseState.RECEIVED, "received", assigned)
        return self._write(connection, actor, drawn_id("C"), None, step, source)

    def _is_known(self, connection: Connection, digest: bytes) -> bool:
        wanted = select(func.count()).select_from(case_version).where(case_version.c.source == digest)
        return bool(connection.execute(wanted).scalar())

    def _read(self, by: Principal, id_: str, version: int) -> Case:
        """The case, for a person who acts on it: each act on a case is somebody's own word, and an `act`."""
        if not self.database.is_whole:
            raise RuntimeError("not in the transaction in which the case is written")
        by.require_person()
        case = self.get(by, id_)
        if case.state is CaseState.DESTROYED:
            raise ConflictError("what was sealed of this case is destroyed", "version")
        if case.version != version:
            raise ConflictError("somebody changed it meanwhile: read it again", "version")
        return case

    def _next(self, by: Principal, case: Case, step: CaseStep) -> Case:
        with self._journal.write() as connection:
            return self.write_next(connection, by, case, step)

    def write_next(self, connection: Connection, by: Principal, case: Case, step: CaseStep) -> Case:
        """The version after this one, in a transaction that is open."""
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
        place = self._registry.where_is(prisoner)
        urgency = document.asked.urgency
        if step.due is not None:
            due: datetime | None = step.due
        elif before is not None and before.state is step.state:
            due = before.due
        else:
            due = rules.due(step.state, urgency, now, self._holidays)
        record = self._journal.record(
            actor, f"{CASE}/{id_}/{version}", step.outcome, prisoner=prisoner, establishment=place
        )
        (seq,) = self._journal.append(connection, [record])
        if before is None:
            keys.make(connection, self._journal.vault, id_)
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
            "sealed": self._seal(connection, id_, version, step.state, document),
        }
        self._journal.follow(connection, CASE, case_version, [row])
        plain = {name: row[name] for name in _PLAIN}
        made = Case(**plain, state=step.state, document=document)
        if step.state is not CaseState.DESTROYED:  # what is counted of it stays, which leads to no case
            figures.keep(connection, self._journal.vault, made)
            self.outbox.put(connection, made, step.outcome)
        return made

    def _seal(
        self, connection: Connection, id_: str, version: int, state: CaseState, document: CaseDocument
    ) -> bytes:
        if state is CaseState.DESTROYED:
            return b""
        place = keys.place(id_, version)
        return keys.seal(connection, self._journal.vault, id_, place, _pack(document))

    def _listed(self, row: Row[Any], *, is_gone: bool = False) -> Case:
        """A row of WANTED among others: one that cannot be read is listed as that, and hides no other."""
        with reading(self._journal.vault, CASE, row.id):
            return self._case(row, is_gone=is_gone)
        state = CaseState(row.state) if row.state in list(CaseState) else CaseState.RECEIVED
        return Case(**{name: getattr(row, name) for name in _PLAIN}, state=state, document=UNREAD)

    def _case(self, row: Row[Any], *, is_gone: bool = False) -> Case:
        """A row of WANTED. Raises as `service.storage.unread` lists it."""
        rows.require(self._journal.vault, case_version, row)
        plain = {name: getattr(row, name) for name in _PLAIN}
        state = CaseState(row.state)
        if is_gone or state is CaseState.DESTROYED:
            return Case(**plain, state=state, document=NOTHING_LEFT)
        place = keys.place(row.id, row.version)
        opened = keys.open_(self._journal.vault, row.key, row.id, place, row.sealed)
        return Case(**plain, state=state, document=_documents.decode(opened))


_PLAIN = (
    "id", "version", "seq", "at", "author", "kind", "urgency", "due", "assigned", "prisoner", "establishment",
    "restriction",
)  # fmt: skip
