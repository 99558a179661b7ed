"""Cases: each change a new version, nothing deleted; what is approved is a restriction in the same breath.

What an act does to a case and to its restriction is one transaction. Before that was so, a restriction could
have been made of which its case does not say so: approving once more finds it there.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from engine.model import Contact
from service.access.model import Principal, Right
from service.cases import rules
from service.cases.candidates import Candidates
from service.cases.corrections import Corrections
from service.cases.model import (
    HOLDING,
    ROUTES,
    UNDECIDED,
    Case,
    CaseDocument,
    CaseNote,
    CaseState,
    Channel,
    Consideration,
)
from service.cases.parties import Parties
from service.cases.reopening import Reopening
from service.cases.reports import Reports
from service.cases.versions import CaseStep, Done, act, done
from service.errors import ConflictError, InvalidError
from service.public.asked import PublicRequest
from service.registry.ids import check_person, is_person
from service.registry.registry import Registry
from service.registry.restrictions import Written

SERVICE = Principal("system", frozenset())
"""The author of what nobody did by hand."""
UNKNOWN_DANGER = "case {} behind the same restriction cannot be read: nobody knows whether it is a danger"
NOT_THE_SAME = (
    "no restriction that is in force in the whole estate, without an exception for him, for this prisoner "
    "and this person: make a new one"
)


class Cases(Corrections, Reopening, Parties, Reports):
    """What can be done with a case. Safe to share between threads."""

    def __init__(self, registry: Registry, holidays: Container[date] = ()) -> None:
        """As `CaseVersions`, with candidates from the registry's directory."""
        super().__init__(registry, holidays)
        self.candidates = Candidates(registry)

    def stand_guard(self) -> None:
        """From now on the registry takes nothing from a case, whoever asks for it."""
        restrictions = self._registry.restrictions
        restrictions.guard, restrictions.puts_right = self.guard, self.puts_right
        self._registry.prisoners.lives = self.he_lives

    # ── taking in ───────────────────────────────────────────────────────────────────────────────────────

    def take_in(
        self, actor: str, asked: PublicRequest, channel: Channel, words: str = "", source: bytes = b""
    ) -> Case | None:
        """A new case; None where what it was opened from was taken in before."""
        digest = self._journal.vault.digest("intake", source.hex()) if source else None
        document = CaseDocument(asked=asked, channel=channel, words=words)
        with self._journal.write() as connection:
            if digest is not None and self._is_known(connection, digest):
                return None
            return self._first(connection, actor, document, digest)

    def key_in(self, by: Principal, asked: PublicRequest, channel: Channel, words: str) -> Case:
        """What came by telephone or e-mail, keyed in by an officer, with whom it is from then on."""
        by.require(Right.HANDLE_CASES)
        by.require_prison(None)  # until the prisoner is confirmed nobody knows whose it is
        document = CaseDocument(asked=asked, channel=channel, words=words)
        with self._journal.write() as connection:
            return self._first(connection, by.id, document, assigned=by.id)

    # ── considering ─────────────────────────────────────────────────────────────────────────────────────

    @act
    def confirm_prisoner(self, by: Principal, id_: str, version: int, number: str, because: str) -> Case:
        """Somebody is sure who the prisoner is. Raises InvalidError for what is no prisoner number."""
        case = self._read(by, id_, version)
        rules.require_state(case, *UNDECIDED)
        self._require_unbegun(case)
        number = number.strip().upper()
        check_person(number, "prisoner")
        if not because.strip():
            raise InvalidError("say why it is he", "because")
        numbers = self._registry.prisoners.group(number)  # one could once be merged into a canary's
        number = next(filter(is_person, numbers))
        state = CaseState.CONSIDERING if case.kind == "stop" else CaseState.INVESTIGATING
        document = replace(case.document, prisoner=number, confirmed_by=by.id, because=because, come_in=())
        return self._next(by, case, CaseStep(document, state, "matched", case.assigned))

    def not_found(self, by: Principal, id_: str, version: int, because: str) -> Case:
        """Nobody of that description is in prison, as far as is known; none of those who came in since is he.

        He is looked for again whenever somebody is received (`looking_again`).
        """
        sought = self.get(by, id_).document.asked.sought
        seen = tuple(one.mark for one in self.candidates.every(sought) if one.is_inside)  # it takes its time
        with self.whole():
            case = self._read(by, id_, version)
            rules.require_state(case, CaseState.RECEIVED, CaseState.NOT_FOUND)
            document = replace(case.document, because=because, passed_over=seen, come_in=())
            due = rules.due(
                CaseState.NOT_FOUND, case.urgency, self._journal.clock(), self._holidays
            )  # anew, where somebody came in
            step = CaseStep(document, CaseState.NOT_FOUND, "not_found", case.assigned, due)
            return self._next(by, case, step)

    def come_in(self, case: Case, marks: Sequence[str]) -> Case:
        """Somebody like the one who was not found was received: whose case it is has to look at once.

        Raises ConflictError where the case was changed meanwhile.
        """
        document = replace(case.document, come_in=tuple(dict.fromkeys((*case.document.come_in, *marks))))
        step = CaseStep(document, case.state, "come_in", case.assigned, self._journal.clock())
        return self._next(SERVICE, case, step)

    @act
    def list_contacts(self, by: Principal, id_: str, version: int, contacts: Sequence[Contact]) -> Case:
        """What is to be listed, as an officer went through it."""
        case = self._read(by, id_, version)
        rules.require_state(case, *UNDECIDED)
        self._require_unbegun(case)
        rules.require_nothing(rules.unreadable(contacts))
        document = replace(case.document, contacts=tuple(contacts))
        return self._next(by, case, CaseStep(document, case.state, "listed", case.assigned))

    @act
    def refuse(self, by: Principal, id_: str, version: int, because: str) -> Case:
        """It is not approved, and why; nothing was in force yet."""
        case = self._read(by, id_, version)
        rules.require_state(case, *UNDECIDED)
        self._require_unbegun(case)
        self._require_no_doubt(case)
        if not because.strip():
            raise InvalidError("say why", "because")
        document = replace(case.document, refused_because=because)
        return self._next(by, case, CaseStep(document, CaseState.REFUSED, "refused", case.assigned))

    @act
    def approve(self, by: Principal, id_: str, version: int, consideration: Consideration) -> Done:
        """Approve it on a pathway: the restriction is in force.

        Contact points on the confidential register wait for a second person, as everywhere. Raises
        InvalidError that tells all that is missing, and as `Restrictions.create`.
        """
        case, document = self._approvable(by, id_, version, consideration)
        restrictions = self._registry.restrictions
        request = rules.request_of(id_, document)
        begun = self._begun(case)
        if begun is None:
            written = restrictions.create(
                by,
                rules.restriction_of(id_, document),
                request,
                justification=rules.justification(consideration),
                review=consideration.review,
                reason=f"case {id_}",
            )
        elif rules.holds(self._registry.versions.today(begun.document.restriction), document):
            written = Written(begun)
        else:  # it was made, and then the case was changed before it said so: it takes in what it says now
            written = self._widen(by, begun, document, None)
        document = replace(document, restriction=begun.id if begun else id_)
        outcome = "joined" if begun and begun.id != id_ else "approved"
        made = self._next(by, case, CaseStep(document, CaseState.IN_FORCE, outcome, case.assigned))
        return done(made, written, self.doubts(case))

    @act
    def join(
        self, by: Principal, id_: str, version: int, restriction: str, consideration: Consideration
    ) -> Done:
        """Approve it behind a restriction that is in force for the same prisoner and person: both requests
        hold it up, and what only this one names is added to it.

        Raises InvalidError for a restriction that is not among `asked_already`.
        """
        case, document = self._approvable(by, id_, version, consideration)
        begun = self._begun(case)
        if begun is not None and begun.id != restriction:
            raise ConflictError(f"it stands behind restriction {begun.id} already", "restriction")
        found = next((one for one in self.asked_already(by, case) if one.id == restriction), None)
        if found is None:
            raise InvalidError(NOT_THE_SAME, "restriction")
        written = self._widen(by, found, document, rules.request_of(id_, document))
        document = replace(document, restriction=restriction)
        made = self._next(by, case, CaseStep(document, CaseState.IN_FORCE, "joined", case.assigned))
        return done(made, written, self.doubts(case))

    def _approvable(
        self, by: Principal, id_: str, version: int, consideration: Consideration
    ) -> tuple[Case, CaseDocument]:
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.CONSIDERING)
        now, leaves_out = self._journal.clock(), any(self.left_out(case.document))
        rules.require_nothing(rules.missing(case.document, consideration, now, leaves_out=leaves_out))
        signed = replace(consideration, author=by.id, at=now.isoformat())
        return case, replace(case.document, consideration=signed)

    # ── after it is in force ────────────────────────────────────────────────────────────────────────────

    @act
    def serve(self, by: Principal, id_: str, version: int, how: str, *, refused: bool = False) -> Case:
        """The prisoner was told."""
        case = self._read(by, id_, version)
        rules.require_state(case, *HOLDING)
        if not how.strip():
            raise InvalidError("say how he was told", "how")
        rules.require_nothing(self.untold_because(case))
        why_not = self.why_not_in_force(case)
        if why_not is not None:
            raise ConflictError(f"he is told of what is in force, and {why_not}", "served_how")
        notice = replace(
            case.document.notice, served=self._journal.clock().isoformat(), by=by.id, how=how, refused=refused
        )
        document = replace(case.document, notice=notice)
        return self._next(by, case, CaseStep(document, case.state, "served", case.assigned))

    def untold_because(self, case: Case) -> Iterator[tuple[str, str]]:
        """What stands against telling him of a case, or of another one behind the same restriction, since the
        letter is of one person: (field, what)."""
        yield from rules.unweighed(case.document)
        for other in self.behind(case.restriction) if case.restriction else ():
            if other.is_unread:
                yield "how", UNKNOWN_DANGER.format(other.id)
            elif other.id != case.id and other.state in HOLDING:
                yield from (
                    (field, f"case {other.id}: {what}") for field, what in rules.unweighed(other.document)
                )

    @act
    def hold_notice(self, by: Principal, id_: str, version: int, because: str) -> Case:
        """Telling him would itself be a danger: two people say so, one after the other."""
        case = self._read(by, id_, version)
        rules.require_state(case, *HOLDING)
        notice = case.document.notice
        if by.id in notice.held_by and not notice.weighed:
            raise ConflictError("a second person has to say so too", "notice")
        if not because.strip() and (notice.weighed or not notice.held_because):
            raise InvalidError("say why", "because")
        held_by = tuple(dict.fromkeys((*notice.held_by, by.id)))
        # what was weighed did not know of this danger
        held = replace(notice, held_because=because or notice.held_because, held_by=held_by, weighed=())
        document = replace(case.document, notice=held)
        return self._next(by, case, CaseStep(document, case.state, "notice_held", case.assigned))

    @act
    def weigh_notice(self, by: Principal, id_: str, version: int, because: str) -> Case:
        """He may be told though whoever asked fears for her then: two people say so, and why."""
        case = self._read(by, id_, version)
        rules.require_state(case, *HOLDING)
        notice = case.document.notice
        if by.id in (who for who, _ in notice.weighed):
            raise ConflictError("a second person has to say so too", "notice")
        if not because.strip():
            raise InvalidError("say why", "weighed_because")
        weighed = replace(notice, weighed=(*notice.weighed, (by.id, because)))
        document = replace(case.document, notice=weighed)
        return self._next(by, case, CaseStep(document, case.state, "weighed", case.assigned))

    @act
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

    @act
    def call_back(self, by: Principal, id_: str, version: int, safely: str, pressed: str) -> Case:
        """She was called back, on the number of her own request, and asked whether she is free to decide.

        Where that is not sure, and a second person confirmed the end already, the restriction stands again.
        Whoever ever noted pressure does not say alone that there is none.
        """
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.WITHDRAWING)
        if pressed not in ("yes", "no", "unsure"):
            raise InvalidError("say whether anything points to pressure", "pressed")
        asked = rules.withdrawal_of(case.document)
        if not safely.strip():
            raise InvalidError("say how it was made sure that she spoke freely", "safely")
        doubters = case.document.doubters
        if pressed == "no" and by.id in doubters:
            raise ConflictError(
                "whoever noted pressure does not take it back alone: another one calls", "pressed"
            )
        if pressed != "no":
            self._stand_again(by, case)
            doubters = tuple(dict.fromkeys((*doubters, by.id)))
        called = self._journal.clock().isoformat()
        answered = replace(asked, called_back=called, called_by=by.id, safely=safely, pressed=pressed)
        document = replace(case.document, withdrawal=answered, doubters=doubters)
        return self._next(by, case, CaseStep(document, case.state, "called_back", case.assigned))

    @act
    def keep(self, by: Principal, id_: str, version: int, reason: str) -> Case:
        """The withdrawal is not followed: the restriction goes on, and stands again where a second person
        confirmed its end already."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.WITHDRAWING)
        if not reason.strip():
            raise InvalidError("say why it is kept", "reason")
        self._stand_again(by, case)
        document = replace(case.document, withdrawal=None, reason=reason)
        return self._next(by, case, CaseStep(document, CaseState.IN_FORCE, "kept", case.assigned))

    def _stand_again(self, by: Principal, case: Case) -> None:
        """More protection takes one person."""
        found = self._registry.versions.get(case.restriction or case.id)
        if not rules.is_behind(case.id, found.document):
            self._widen(by, found, case.document, rules.request_of(case.id, case.document))

    @act
    def end(self, by: Principal, id_: str, version: int, reason: str) -> Done:
        """Take this request back from its restriction, which stands while another one, or a court's order,
        holds it up; the last one waits for a second person in the registry.

        Raises InvalidError that tells all that stands against it.
        """
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.WITHDRAWING)
        document = case.document
        if not reason.strip():
            raise InvalidError("say why it is ended", "ended_because")
        rules.require_nothing(rules.unmet(document, self._journal.clock()))
        rules.require_not_the_caller(document, (by.id,))
        found = self._registry.versions.get(document.restriction or id_)
        approval = None
        if rules.is_behind(id_, found.document):
            told = rules.told_of(document, reason)
            written = self._registry.restrictions.withdraw_request(by, found.id, found.version, id_, told)
            approval = written.approval.id if written.approval else None
        if approval is not None:
            return Done(case, ("a second person has to confirm it; until then it is in force",), approval)
        document = replace(document, reason=reason)
        return Done(self._next(by, case, CaseStep(document, CaseState.ENDED, "ended", case.assigned)))

    @act
    def close(
        self, by: Principal, id_: str, version: int, *, outcome: str, route: str, referred: str = ""
    ) -> Case:
        """A report was looked into."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.INVESTIGATING)
        if not outcome.strip():
            raise InvalidError("say what was found", "outcome")
        if route not in ROUTES:
            raise InvalidError("choose by which route, or that none was found", "route")
        document = replace(case.document, outcome=outcome, route=route, referred=referred)
        return self._next(by, case, CaseStep(document, CaseState.CLOSED, "closed", case.assigned))

    @act
    def link(self, by: Principal, id_: str, version: int, restriction: str) -> Case:
        """Of which restriction a report says that it was got around."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.INVESTIGATING)
        if restriction not in {one.id for one in self.asked_already(by, case, in_force=False)}:
            raise InvalidError("no restriction of this prisoner and this person", "restriction")
        document = replace(case.document, restriction=restriction)
        return self._next(by, case, CaseStep(document, case.state, "linked", case.assigned))

    @act
    def learn(self, by: Principal, id_: str, version: int, contacts: Sequence[Contact]) -> Done:
        """List what contact went by, such as an accomplice's number: from now on it is stopped as hers is."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.INVESTIGATING)
        if case.restriction is None:
            raise InvalidError("say first which restriction was got around", "restriction")
        if not contacts:
            raise InvalidError("nothing is written", "phones")
        rules.require_nothing(rules.unreadable(contacts))
        found = self._registry.versions.get(case.restriction)
        if not found.document.stands:
            raise ConflictError(
                "this restriction was withdrawn, and stops nothing: choose another", "restriction"
            )
        written = self._registry.restrictions.widen(
            by, found.id, found.version, f"learnt from case {id_}", contacts=contacts
        )
        why_not = rules.why_not_everywhere(found.document.restriction, self._journal.clock())
        told = (f"it is listed, but may go on: {why_not}",) if why_not else ()
        document = replace(case.document, learnt=(*case.document.learnt, *contacts))
        made = self._next(by, case, CaseStep(document, case.state, "learnt", case.assigned))
        return done(made, written, told, holds=why_not is None)

    # ── the work itself ─────────────────────────────────────────────────────────────────────────────────

    @act
    def assign(self, by: Principal, id_: str, version: int, *, give_back: bool = False) -> Case:
        """Somebody takes it, or gives it back to all."""
        case = self._read(by, id_, version)
        step = CaseStep(case.document, case.state, "assigned", None if give_back else by.id)
        return self._next(by, case, step)

    @act
    def note(self, by: Principal, id_: str, version: int, text: str, waiting_for: str = "") -> Case:
        """Write something down, and what is waited for."""
        case = self._read(by, id_, version)
        if not text.strip():
            raise InvalidError("nothing is written", "text")
        noted = CaseNote(at=self._journal.clock().isoformat(), by=by.id, text=text)
        document = replace(case.document, notes=(*case.document.notes, noted), waiting_for=waiting_for)
        return self._next(by, case, CaseStep(document, case.state, "noted", case.assigned))
