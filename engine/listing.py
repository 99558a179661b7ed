"""One restriction or register entry, compiled: every contact point in the form that look-ups compare."""

from functools import lru_cache

import msgspec

from engine.entry import read as read_entry
from engine.model import ConfidentialEntry, Contact, Restriction
from matchers import address, email_handle, person, phone
from matchers.person import Person
from matchers.phone import NumberClass

LONGEST_CONTACT = 2_000
"""Characters of a recipient or a contact point."""
MOST_CONTACTS = 255
"""Contact points of one restriction; more of them are a mistake in the source."""


class ListedContact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A contact point as given, with its look-up form: a number's key, or an account's canonical form."""

    kind: str
    value: str
    key: int = 0
    e164: str = ""
    account: str = ""


class ListedExemption(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A prisoner and the contact point that he may use."""

    prisoner: str
    contact: ListedContact


class Listing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A restriction with its contact points and names in comparable form."""

    restriction: Restriction
    contacts: tuple[ListedContact, ...]
    people: tuple[Person, ...]
    exemptions: tuple[ListedExemption, ...]


class ConfidentialListing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A register entry with its contact points and name in comparable form."""

    entry: ConfidentialEntry
    contacts: tuple[ListedContact, ...]
    name: Person


class _PeopleAlone(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """As much of a restriction's record as holds who is listed, none of it read."""

    restriction: msgspec.Raw
    contacts: msgspec.Raw
    people: msgspec.Raw


_people_alone = msgspec.msgpack.Decoder(_PeopleAlone)
_people = msgspec.msgpack.Decoder(tuple[Person, ...])


def people_of(record: bytes | memoryview) -> tuple[Person, ...]:
    """The people of an encoded `Listing`, at a fraction of what it costs to read all of it."""
    return _read_people(bytes(_people_alone.decode(record).people))


@lru_cache(maxsize=1 << 12)  # one person is often listed for several prisoners, or in several restrictions
def _read_people(encoded: bytes) -> tuple[Person, ...]:
    return _people.decode(encoded)


class UnreadableContactError(ValueError):
    """A contact point of no use for matching. Its text says why, and never holds the value."""


class PartlyReadError(ValueError):
    """A restriction that is in force without what could not be read of it."""


def compile_restriction(restriction: Restriction) -> Listing:
    """Normalise every contact point, name and exception. Raises UnreadableContactError.

    What is refused of a field that was listed whole, once, is added to the restriction's `unread`.
    """
    codes = area_codes(restriction)
    fields = [_values(contact, codes) for contact in restriction.contacts]
    refused = [f"contacts[{n}].value: {what}" for n, (_, some) in enumerate(fields) for what in some]
    if refused:
        unread = tuple(dict.fromkeys((*restriction.unread, *refused)))
        restriction = msgspec.structs.replace(restriction, unread=unread)
    return Listing(
        restriction,
        tuple(compile_contact(value, codes) for values, _ in fields for value in values),
        tuple(person.read(name) for name in (restriction.protected.name, *restriction.protected.aliases)),
        tuple(
            ListedExemption(e.prisoner, compile_contact(guess_kind(e.contact), codes))
            for e in restriction.exceptions
        ),
    )


def area_codes(restriction: Restriction) -> tuple[str, ...]:
    """The area codes that a number listed without one may have: those near the prisons that it names."""
    near = (phone.area_codes_near(prison) for prison in restriction.establishments)
    return tuple(dict.fromkeys(code for codes in near for code in codes))


def compile_confidential(entry: ConfidentialEntry) -> ConfidentialListing:
    """Normalise a register entry. Raises UnreadableContactError."""
    return ConfidentialListing(
        entry,
        tuple(one for contact in entry.contacts for one in compile_contacts(contact)),
        person.read(entry.name),
    )


def compile_contacts(contact: Contact, area_codes: tuple[str, ...] = ()) -> tuple[ListedContact, ...]:
    """Every value of a field in the form that look-ups compare. Raises UnreadableContactError.

    What entry would refuse today was listed once: it goes on stopping what it stopped.
    """
    return tuple(compile_contact(value, area_codes) for value in _values(contact, area_codes)[0])


def _values(contact: Contact, area_codes: tuple[str, ...]) -> tuple[tuple[Contact, ...], tuple[str, ...]]:
    """The values of a field, and why others of it are none: it is whole itself where no value was read."""
    if contact.kind != "address" and not (contact.kind == "phone" and phone.is_plain(contact.value)):
        read = read_entry(contact, area_codes, for_register=True)
        if read.points:
            return tuple(point.contact for point in read.points), read.refused
    return (contact,), ()


def compile_contact(contact: Contact, area_codes: tuple[str, ...] = ()) -> ListedContact:
    """One contact point in the form that look-ups compare. Raises UnreadableContactError."""
    kind, value = contact.kind, contact.value
    if len(value) > LONGEST_CONTACT:
        raise UnreadableContactError(f"longer than {LONGEST_CONTACT:,} characters")
    if kind == "phone":
        number = phone.read(value, area_codes=area_codes)
        if not number.usable:
            raise UnreadableContactError("no telephone number can be read")
        return ListedContact(kind, value, number.key, number.e164)
    if kind == "address":
        if not any(one.usable for one in address.every_reading(value)):
            raise UnreadableContactError("no address can be read")
        return ListedContact(kind, value)
    account = email_handle.read_email(value) if kind == "email" else email_handle.read_handle(value)
    if account is None:
        raise UnreadableContactError(
            "no e-mail address" if kind == "email" else "no account name can be read"
        )
    return ListedContact(kind, value, account=account.canonical)


def guess_kind(value: str) -> Contact:
    """The kind of contact point that a bare value is: an exception names one without saying which."""
    if value.lstrip().startswith("@"):
        return Contact(kind="handle", value=value)
    if email_handle.read_email(value) is not None:
        return Contact(kind="email", value=value)
    number = phone.read(value)
    letters = sum(map(str.isalpha, value))
    if number.usable and number.kind is not NumberClass.INCOMPLETE and letters < 6:
        return Contact(kind="phone", value=value)
    if address.read(value).usable:
        return Contact(kind="address", value=value)
    return Contact(kind="phone" if number.usable else "handle", value=value)
