"""Local numbers of a restriction of one prison, written in full: they mean the same wherever he is moved."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from engine.listing import area_codes, compile_contact, guess_kind
from engine.model import Contact, Exemption, Restriction


def with_area_codes(restriction: Restriction) -> tuple[Contact, ...]:
    """Its contact points."""
    codes = area_codes(restriction)
    return tuple(replace(contact, value=_in_full(contact, codes)) for contact in restriction.contacts)


def exceptions_with_area_codes(
    restriction: Restriction, exceptions: Iterable[Exemption]
) -> tuple[Exemption, ...]:
    """Some exceptions from it."""
    codes = area_codes(restriction)
    return tuple(replace(one, contact=_in_full(guess_kind(one.contact), codes)) for one in exceptions)


def _in_full(contact: Contact, codes: tuple[str, ...]) -> str:
    here = compile_contact(contact, codes)
    is_local = contact.kind == "phone" and here.key != compile_contact(contact).key
    return here.e164 if is_local else contact.value
