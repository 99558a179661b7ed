"""A bundle of a case, to be handed to a court or to whoever asks what is kept of her or of him."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

from fastapi import APIRouter, Request, Response

from service.access.model import Principal
from service.cases.bundle import LEFT_OUT, READERS, Bundle, Bundles, Reader
from service.cases.model import Case
from service.console.handling import CaseId, Officer
from service.console.page import HEADERS, OurForm, PageError, said_of, show
from service.console.restriction_form import FormReader
from service.console.restrictions import listed
from service.errors import ConflictError, ServiceError, UnavailableError
from service.ledger.evidence import ProofError
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)


@router.get("/{case_id}/bundle")
def ask_for_whom(request: Request, case_id: CaseId, officer: Officer) -> Response:
    """For whom it is, and why."""
    return _view(request, officer, system_of(request).cases.get(officer, case_id), {}, {})


@router.post("/{case_id}/bundle")
def make_bundle(request: Request, case_id: CaseId, form: OurForm, officer: Officer) -> Response:
    """The bundle as JSON and PDF, in one archive; recorded before it is handed out."""
    system = system_of(request)
    case = system.cases.get(officer, case_id)
    fields = FormReader(form)
    why = fields.text("why", "Say who asked for it, and why")
    reader: Reader | None = next((one for one in READERS if one == form.get("reader")), None)
    if reader is None:
        fields.wrong["reader"] = "Choose for whom it is"
    if fields.wrong or reader is None:
        return _view(request, officer, case, form, fields.wrong, 422)
    try:
        made = Bundles(system.cases, system.registry).make(officer, case_id, reader, why)
    except ProofError as error:
        raise PageError(UnavailableError(f"it cannot be proved: {error}")) from None
    except ConflictError as error:
        told = {error.field or "reader": said_of(error)}
        return _view(request, officer, case, form, told, error.status)
    except ServiceError as error:
        raise PageError(error) from None
    named = {"content-disposition": f'attachment; filename="{case_id}-{reader}.zip"'}
    return Response(_archive(made), media_type="application/zip", headers=HEADERS | named)


def _archive(made: Bundle) -> bytes:
    from service.cases.bundle_pdf import as_pdf  # what answers calls loads nothing that draws pages

    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bundle.json", made.file)
        archive.writestr("bundle.pdf", as_pdf(made))
    return out.getvalue()


def _view(
    request: Request,
    officer: Principal,
    case: Case,
    form: Mapping[str, str],
    wrong: Mapping[str, str],
    status: int = 200,
) -> Response:
    return show(
        request,
        "case_bundle.html",
        officer,
        status=status,
        case=case,
        readers=READERS,
        left_out=LEFT_OUT,
        form=form,
        wrong=wrong,
        errors=listed(wrong),
    )
