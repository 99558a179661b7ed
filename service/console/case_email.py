"""Keying in a request from an e-mail: a file or a text fills the form, and an officer confirms all of it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.cases.email_reading import EmailRead, read_file, read_text
from service.console.case_keying import show_new
from service.console.files import OurFiles, fields_of
from service.console.handling import Officer
from service.console.page import said_of
from service.errors import InvalidError

router = APIRouter(prefix="/cases", include_in_schema=False)


@router.post("/new/email")
def fill_from_email(request: Request, given: OurFiles, officer: Officer) -> Response:
    """The form with what was found in an e-mail. Nothing is kept before it is sent once more."""
    text = fields_of(given).get("email_text", "")
    try:
        found = read_file(given.files[0].content) if given.files else read_text(text)
    except InvalidError as error:
        wrong = {error.field or "email_text": said_of(error)}
        return show_new(request, officer, {**_BLANK, "email_text": text}, wrong, status=422)
    return show_new(request, officer, {**_BLANK, **_filled(found)}, {}, found=found)


_BLANK = {"kind": "stop", "channel": "email", "urgency": "usual"}


def _filled(found: EmailRead) -> dict[str, str]:
    """The fields of the form."""
    return {
        "words": found.words,
        "asker": found.asker,
        "email": found.email,
        "sought": found.sought,
        "number": found.number,
        "prison": found.prison,
        "born": found.born,
        "name": found.name,
        "phones": "\n".join(found.phones),
        "addresses": "\n".join(found.addresses),
        "emails": "\n".join(found.emails),
        "handles": "\n".join(found.accounts),
    }
