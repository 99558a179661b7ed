"""A request that is opened from a report: whoever reports contact may never have asked that it be stopped."""

from __future__ import annotations

from msgspec.structs import replace

from service.access.model import Principal
from service.cases.model import CaseDocument, CaseState
from service.cases.versions import CaseStep, CaseVersions, Done
from service.errors import ConflictError
from service.registry.ids import drawn_id

OPENED = "request {} is opened from this report: go on there"


class Reports(CaseVersions):
    """What can be made of a report."""

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
