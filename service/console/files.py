"""A form of ours that may bring a file, read within bounds and into memory alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from service.cases.email_reading import LONGEST_EMAIL
from service.console.page import PageError, form_of
from service.errors import ServiceError
from service.public.forms import Given, is_with_files, read_form_with_files
from service.web.dependencies import system_of

MOST_FILES = 1


async def our_files(request: Request) -> Given:
    """A form of somebody who is signed in, sent from our own page, with a file or without.

    Raises PageError.
    """
    try:
        if is_with_files(request.scope):
            # More is read than is taken, so that the page can say what is wrong, with all that was typed.
            given = await read_form_with_files(
                request.scope, request.receive, most_bytes=2 * LONGEST_EMAIL, most_files=MOST_FILES
            )
        else:
            form = await form_of(request)
            given = Given({name: [value] for name, value in form.items()})
        system_of(request).access.authenticate("POST", request.headers, given.one("csrf"))
    except ServiceError as error:
        raise PageError(error) from None
    return given


OurFiles = Annotated[Given, Depends(our_files)]


def fields_of(given: Given) -> dict[str, str]:
    """The fields of a form, each once."""
    return {name: given.one(name).replace("\0", "") for name in given.fields}
