"""What was answered so far. It travels in the form itself: nothing of it stays here, or in the browser.

Nobody has to be kept from changing it on the way, since whoever does only changes what she asks.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from service.public.asked import (
    Answer,
    Asker,
    EvidenceFile,
    How,
    Kind,
    Protected,
    PublicRequest,
    Sought,
    Urgency,
    Who,
)

LONGEST_LINE, LONGEST_ADDRESS, LONGEST_TEXT = 200, 500, 5_000
"""Characters."""
MOST = 50
"""Of each that there may be several of."""

Line = Annotated[str, msgspec.Meta(max_length=LONGEST_LINE)]
Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
AddressLines = Annotated[str, msgspec.Meta(max_length=LONGEST_ADDRESS)]
Several = Annotated[tuple[Line, ...], msgspec.Meta(max_length=MOST)]


class Answers(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Each answer under the name of its field; empty where it was not given, or not yet."""

    kind: Kind | Literal[""] = ""
    who: Who | Literal[""] = ""
    organisation: Line = ""
    reference: Line = ""
    asker: Line = ""
    email: Line = ""
    phone: Line = ""
    safely: Text = ""
    prisoner: Line = ""
    number: Line = ""
    prison: Line = ""
    born: tuple[Line, Line, Line] = ("", "", "")
    """Day, month, year."""
    about: Text = ""
    person: Line = ""
    aliases: Several = ()
    addresses: Annotated[tuple[AddressLines, ...], msgspec.Meta(max_length=MOST)] = ()
    numbers: Several = ()
    emails: Several = ()
    accounts: Several = ()
    knows: Answer = ""
    agrees: Answer = ""
    court_order: Text = ""
    how: Annotated[tuple[How, ...], msgspec.Meta(max_length=MOST)] = ()
    when: Line = ""
    happened: Text = ""
    danger: Answer = ""
    urgency: Urgency | Literal[""] = ""


carried = msgspec.json.Encoder().encode
received = msgspec.json.Decoder(Answers).decode
"""Raises msgspec.DecodeError for what is no answers of ours."""


def asked(
    answers: Answers,
    *,
    reference: str,
    at: str,
    language: Literal["en", "cy"],
    evidence: tuple[EvidenceFile, ...] = (),
) -> PublicRequest:
    """The request that is sealed. `answers` are those of the questions that were asked. Raises ValueError."""
    if not (answers.kind and answers.who):
        raise ValueError("not complete")
    return PublicRequest(
        reference=reference,
        at=at,
        kind=answers.kind,
        asker=Asker(
            who=answers.who,
            name=answers.asker,
            organisation=answers.organisation,
            reference=answers.reference,
            email=answers.email,
            phone=answers.phone,
            safely=answers.safely,
            language=language,
        ),
        sought=Sought(
            name=answers.prisoner,
            number=answers.number,
            prison=answers.prison,
            born=iso_date(answers.born),
            about=answers.about,
        ),
        person=Protected(
            name=answers.person or (answers.asker if answers.who == "self" else ""),
            aliases=answers.aliases,
            addresses=answers.addresses,
            numbers=answers.numbers,
            emails=answers.emails,
            accounts=answers.accounts,
            knows=answers.knows,
            agrees=answers.agrees,
        ),
        court_order=answers.court_order,
        how=answers.how,
        when=answers.when,
        happened=answers.happened,
        urgency=answers.urgency or "usual",
        danger=answers.danger,
        evidence=evidence,
    )


def iso_date(born: tuple[str, str, str]) -> str:
    """Day, month and year as ISO 8601; empty where none is given. It may be no date at all."""
    day, month, year = (part.strip() for part in born)
    return f"{year:0>4}-{month:0>2}-{day:0>2}" if day or month or year else ""
