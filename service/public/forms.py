"""A form as it came: read within bounds, into memory alone, so that nothing of it is on a disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from service.errors import BadRequestError
from service.public.asked import EvidenceFile
from service.web.http import ClientGoneError, Receive, RequestHead, Scope, read_body, too_large

LONGEST_FORM = 1_500_000
"""Bytes: every field as full as it may be, and each sign of it in twelve bytes."""
MOST_FIELDS = 200
ENVELOPE = 4_096
"""Bytes around each file."""


class Given(NamedTuple):
    """What came: each field with all its values, and files."""

    fields: dict[str, list[str]]
    files: tuple[EvidenceFile, ...] = ()

    def one(self, name: str) -> str:
        """A field's last value; empty where there is none."""
        return self.fields.get(name, [""])[-1]


class _InMemory(MultiPartParser):
    spool_max_size = 1 << 40


def is_with_files(scope: Scope) -> bool:
    """Whether the form may bring files."""
    return Headers(scope=scope).get("content-type", "").startswith("multipart/form-data")


async def read_form(scope: Scope, receive: Receive) -> Given:
    """A form without files. Raises ServiceError, ClientGoneError."""
    head = RequestHead(scope["headers"])
    body = await read_body(head, receive, LONGEST_FORM)
    try:
        fields = parse_qs(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except (UnicodeDecodeError, ValueError):
        raise BadRequestError("not a form of ours") from None
    return Given(fields)


async def read_form_with_files(scope: Scope, receive: Receive, *, most_bytes: int, most_files: int) -> Given:
    """A form with files, `most_bytes` in all. How slow it may come is the connection's matter.

    Raises ServiceError, ClientGoneError.
    """
    longest = LONGEST_FORM + most_bytes + most_files * ENVELOPE
    if RequestHead(scope["headers"]).is_longer_than(longest):
        raise too_large(longest)
    parser = _InMemory(
        Headers(scope=scope),
        _chunks(receive, longest),
        max_files=MOST_FIELDS,
        max_fields=MOST_FIELDS,
        max_part_size=LONGEST_FORM,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError):
        raise BadRequestError("not a form of ours") from None
    fields: dict[str, list[str]] = {}
    files = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            await value.close()
            if content or value.filename:  # a field with no file chosen comes empty
                files.append(EvidenceFile(name=value.filename or "", content=content))
        else:
            fields.setdefault(name, []).append(value)
    return Given(fields, tuple(files))


async def _chunks(receive: Receive, longest: int) -> AsyncGenerator[bytes, None]:
    read = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        read += len(message.get("body", b""))
        if read > longest:
            raise too_large(longest)
        yield message.get("body", b"")
        if not message.get("more_body"):
            return
