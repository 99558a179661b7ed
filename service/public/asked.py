"""What somebody asked through the public form, as it is sealed for the case handlers.

Written once and read in every version that was ever written: what is new has a default, and no name is ever
given to something else. Every text is as it was typed; reading it is the case's work.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Who = Literal["self", "police", "probation", "family", "organisation"]
How = Literal["letter", "call", "text", "through_somebody", "fellow_prisoner", "illegal_mobile", "other"]
HOWS: tuple[How, ...] = get_args(How)
Kind = Literal["stop", "continuing"]
Answer = Literal["yes", "no", "unsure", ""]
Urgency = Literal["today", "soon", "usual"]


class Asker(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who asks, and how to reach them without danger."""

    who: Who
    name: str
    organisation: str = ""
    reference: str = ""
    """The organisation's own, such as a crime number."""
    email: str = ""
    phone: str = ""
    safely: str = ""
    """How and when it is safe to reach them, in their words."""
    language: Literal["en", "cy"] = "en"


class Sought(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The prisoner, as far as whoever asks knows him."""

    name: str
    number: str = ""
    prison: str = ""
    born: str = ""
    """ISO 8601 date; empty where it is not known."""
    about: str = ""
    """Anything else that helps to find him."""


class Protected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom he must not contact, with everything by which he might."""

    name: str
    aliases: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    """Each with its lines."""
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    """Social media: what was typed."""
    knows: Answer = ""
    """Whether she knows of the request; asked only where somebody else asks."""
    agrees: Answer = ""


class EvidenceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with a report; nothing of it was opened."""

    name: str
    content: bytes


class PublicRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request, or one report that contact goes on."""

    reference: str
    """Told to whoever asked: "UPC-7K3M-92QX". Drawn at random; says nothing."""
    at: str
    """When it was sent, ISO 8601 in UTC."""
    kind: Kind
    asker: Asker
    sought: Sought
    person: Protected
    court_order: str = ""
    """The order as described, its court and its end where they are known."""
    how: tuple[How, ...] = ()
    """How the contact happens."""
    when: str = ""
    """Of a report: when it happened, as told."""
    happened: str = ""
    """What happened, in the words of whoever asks."""
    urgency: Urgency = "usual"
    danger: Answer = ""
    """Whether anybody would be in danger if the prisoner were told of it by name."""
    evidence: tuple[EvidenceFile, ...] = ()


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(PublicRequest).decode
"""Raises msgspec.DecodeError for what is no request."""
