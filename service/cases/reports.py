"""What a report of continuing contact leads to: a request, where nobody had asked that it be stopped; another
prisoner, where the one who was confirmed is not he; and that it is looked into again."""

from __future__ import annotations

from msgspec.structs import replace

from service.access.model import Principal
from service.cases import rules
from service.cases.model import Case, CaseDocument, CaseNote, CaseState
from service.cases.outbox import MessageState
from service.cases.versions import CaseStep, CaseVersions, Done, act
from service.errors import ConflictError, InvalidError
from service.registry.ids import drawn_id

OPENED = "request {} is opened from this report: go on there"
MONITORED = "{} is under heightened monitoring by this report: end that first"
STILL_LISTED = "what was listed with restriction {} from this report still is: see whether it stays"
TOLD_CLOSED = "whoever asked is about to be told that it is closed: hold that message, if it is not to go"
ALSO_OPENED = "request {} was opened with the same prisoner: see whether it is he"


class Reports(CaseVersions):
    """What can be made of a report."""

    @act
    def open_request(self, by: Principal, id_: str, version: int) -> Done:
        """A request case with the report's person, contact points and confirmed prisoner, linked both ways.

        Gives the report. Nothing is in force by it: the request is considered as any other. Where the report
        does not say whether telling the prisoner is a danger, it may be one.
        """
        report = self._read(by, id_, version)
        if report.kind != "continuing":
            raise ConflictError("this is a request already", "version")
        if report.prisoner is None:
            by.require_prison(None)  # until the prisoner is confirmed nobody knows whose it is
        told = report.document
        asked = replace(told.asked, kind="stop", evidence=(), danger=told.asked.danger or "unsure")
        document = CaseDocument(
            asked=asked,
            channel=told.channel,
            words=told.words,
            prisoner=told.prisoner,
            confirmed_by=told.confirmed_by,
            because=told.because,
            contacts=told.contacts,
            report=id_,
        )
        state = CaseState.CONSIDERING if report.prisoner else CaseState.RECEIVED
        with self._journal.write() as connection:
            first = CaseStep(document, state, "opened_from_report", by.id)
            request = self._write(connection, by.id, drawn_id("C"), None, first)
            linked = replace(told, requests=(*told.requests, request.id))
            step = CaseStep(linked, report.state, "request_opened", report.assigned)
            return Done(self._write(connection, by.id, id_, report, step), (OPENED.format(request.id),))

    @act
    def take_prisoner_back(self, by: Principal, id_: str, version: int, because: str) -> Done:
        """The prisoner of a report is not he: from now on he is looked for anew, as when it came in.

        Its restriction is no longer linked; what was listed with that stays, and is told, since nothing is
        loosened here. Raises InvalidError without a reason, ConflictError where the report is not looked into
        or he is monitored by it, NotAllowedError for who does not have all prisons: nobody knows whose it is
        then.
        """
        report = self._read(by, id_, version)
        rules.require_state(report, CaseState.INVESTIGATING)
        by.require_prison(None)
        if not because.strip():
            raise InvalidError("say why it is not he", "not_he_because")
        if self._is_monitored(report):
            raise ConflictError(MONITORED.format(report.prisoner), "not_he_because")
        told = report.document
        noted = CaseNote(
            at=self._journal.clock().isoformat(), by=by.id, text=f"Not {report.prisoner}: {because}"
        )
        document = replace(
            told,
            prisoner=None,
            confirmed_by="",
            because="",
            restriction=None,
            notes=(*told.notes, noted),
            reason=because,
        )
        step = CaseStep(document, CaseState.RECEIVED, "prisoner_taken_back", report.assigned)
        listed = (STILL_LISTED.format(told.restriction),) if told.learnt and told.restriction else ()
        return Done(self._next(by, report, step), (*listed, *map(ALSO_OPENED.format, told.requests)))

    @act
    def look_into_again(self, by: Principal, id_: str, version: int, because: str) -> Done:
        """A closed report is looked into once more: what was found and done until then stays with it.

        Raises ConflictError for what is no closed report, InvalidError without a reason.
        """
        report = self._read(by, id_, version)
        rules.require_state(report, CaseState.CLOSED)
        if not because.strip():
            raise InvalidError("say why it is looked into again", "again_because")
        told = report.document
        text = f"Looked into again: {because}. Found before: {told.outcome}"
        noted = CaseNote(at=self._journal.clock().isoformat(), by=by.id, text=text)
        document = replace(told, notes=(*told.notes, noted), reason=because)
        step = CaseStep(document, CaseState.INVESTIGATING, "report_reopened", report.assigned)
        waiting = any(
            one.step == "closed" and one.state is MessageState.WAITING for one in self.outbox.of_case(id_)
        )
        return Done(self._next(by, report, step), (TOLD_CLOSED,) * waiting)

    def _is_monitored(self, report: Case) -> bool:
        standing = self._registry.monitorings.of(report.prisoner) if report.prisoner else []
        return any(one.document.case == report.id for one in standing)
