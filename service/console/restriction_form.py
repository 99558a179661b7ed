"""A restriction as a form: texts and lists with one thing a line, and back to a restriction without a loss.

What somebody left as it was shown keeps its exact wording: an address of several lines is shown in one, and
is still the address that was listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from engine import dates
from engine.jsonl import NO_LETTER
from engine.listing import LONGEST_CONTACT, MOST_CONTACTS
from engine.model import Contact, ContactKind, Exemption, ProtectedPerson, Restriction
from matchers.person import is_seen
from service.errors import InvalidError
from service.registry import court_orders
from service.registry.ids import drawn_id
from service.registry.model import UNKNOWN_AGENCY, Document, Request

LONGEST_TEXT = 4_000
"""Characters of a reason, a note, a justification."""
LONGEST_LINE = 200
"""Characters of a name, a reference, an id."""
KINDS: dict[str, ContactKind] = {
    "phones": "phone",
    "emails": "email",
    "handles": "handle",
    "addresses": "address",
}
"""The form's field for each kind of contact point."""
LABELS = {
    "id": "Restriction id",
    "prisoners": "Prisoner numbers",
    "name": "Protected person",
    "aliases": "Other names",
    "phones": "Telephone numbers",
    "addresses": "Addresses",
    "emails": "E-mail addresses",
    "handles": "Account names",
    "scope": "Holds for",
    "prison": "Prison",
    "pathway": "Pathway",
    "from": "In force from",
    "until": "In force until",
    "court_order": "Court order",
    "court_order_text": "The court order",
    "court_order_until": "Last day of the order",
    "exceptions": "Exceptions",
    "justification": "Why it is necessary",
    "review": "Review on",
    "notes": "Notes",
    "agency": "Agency",
    "requester": "Who asked",
    "reference": "Reference",
    "received": "Received on",
    "reason": "Reason",
}
"""What each field is called, so that an error at the top of a page can be told from another."""

_NOTES_AFTER = " | "
_british = re.compile(r"(\d{1,2})[/ .-](\d{1,2})[/ .-](\d{4})", re.ASCII).fullmatch
_iso = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII).fullmatch
_unprintable = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]").search
_place_in = re.compile(r"(\w+)\[(\d+)\]").match


class FormError(Exception):
    """What is wrong with a form: a text for each field, none of which repeats what was typed."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = dict(fields)


@dataclass(frozen=True)
class Entered:
    """A form that can be read."""

    restriction: Restriction
    justification: str
    review: str | None
    notes: str
    reason: str


class FormReader:
    """Reads fields, and gathers what is wrong with each."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form
        self.wrong: dict[str, str] = {}

    def text(self, name: str, required: str = "", longest: int = LONGEST_TEXT) -> str:
        """A text without blanks around it. `required` is what to say where there is none."""
        value = self._form.get(name, "").replace("\r\n", "\n").strip()
        if required and not value:
            self.wrong[name] = required
        elif len(value) > longest:
            self._say(name, f"must be {longest:,} characters or fewer")
        elif _unprintable(value):
            self._say(name, "take out the characters that cannot be printed")
        return value

    def line(self, name: str, required: str = "") -> str:
        """A short text of one line."""
        return one_line(self.text(name, required, LONGEST_LINE))

    def name(self, name: str, required: str) -> str:
        """Somebody's name, of which `required` is said too where it shows nothing."""
        value = self.line(name, required)
        if name not in self.wrong and not is_seen(value):
            self.wrong[name] = required
        return value

    def names(self, name: str) -> list[str]:
        """Other names, one a line."""
        found = self.lines(name, LONGEST_LINE)
        if name not in self.wrong and not all(map(is_seen, found)):
            self._say(name, NO_LETTER)
        return found

    def lines(self, name: str, longest: int = LONGEST_CONTACT) -> list[str]:
        """Texts, one a line; each once."""
        text = self._form.get(name, "")
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")  # no other sign parts a number
        found = list(dict.fromkeys(filter(None, map(one_line, lines))))
        if len(found) > MOST_CONTACTS:
            self._say(name, f"must be {MOST_CONTACTS} lines or fewer")
        elif any(len(value) > longest for value in found):
            self._say(name, f"each line must be {longest:,} characters or fewer")
        elif any(map(_unprintable, found)):
            self._say(name, "take out the characters that cannot be printed")
        return found

    def codes(self, name: str) -> list[str]:
        """Numbers or codes, in any case, with spaces, commas or lines between; each once."""
        found = list(dict.fromkeys(self._form.get(name, "").upper().replace(",", " ").split()))
        if len(found) > MOST_CONTACTS:
            self._say(name, f"must be {MOST_CONTACTS} or fewer")
        return found

    def day(self, name: str) -> str | None:
        """A date as ISO 8601; None where there is none."""
        value = iso_day(self.line(name))
        try:
            dates.starts(value or "2000-01-01")
        except ValueError:
            self._say(name, "must be a real date, for example 27/3/2026")
        return value or None

    def past_day(self, name: str, now: datetime) -> str | None:
        """The same of a day that has come."""
        day = self.day(name)
        if day is not None and name not in self.wrong and dates.starts(day) > now:
            self._say(name, "must be today or in the past")
        return day

    def later_day(self, name: str, now: datetime) -> str | None:
        """The same of a day that is not over, today at the soonest."""
        day = self.day(name)
        if day is not None and name not in self.wrong and dates.ends(day) <= now:
            self._say(name, "must be today or later")
        return day

    def check(self) -> None:
        """Raises FormError for whatever was wrong."""
        if self.wrong:
            raise FormError(self.wrong)

    def _say(self, name: str, what: str) -> None:
        self.wrong[name] = _named(name, what)


def one_line(text: str) -> str:
    """A text of several lines in one, with commas between."""
    return ", ".join(filter(None, (part.strip(" \t,") for part in text.splitlines())))


def iso_day(text: str) -> str:
    """A date as it is typed here, `27/3/2026`, in ISO 8601; anything else as it is."""
    british = _british(text)
    return f"{british[3]}-{british[2]:0>2}-{british[1]:0>2}" if british else text


def shown_day(text: str | None) -> str:
    """A date as it is typed; a time as it was given."""
    iso = _iso(text or "")
    return f"{int(iso[3])}/{int(iso[2])}/{iso[1]}" if iso else text or ""


def fields_of(document: Document) -> dict[str, str]:
    """What the form shows of a restriction: protected details."""
    restriction = document.restriction
    shown = {name: _listed(_of_kind(restriction, kind)) for name, kind in KINDS.items()}
    return shown | {
        "id": restriction.id,
        "prisoners": "\n".join(restriction.prisoners),
        "name": one_line(restriction.protected.name),
        "aliases": _listed(restriction.protected.aliases),
        "exceptions": "\n".join(map(_exception_line, restriction.exceptions)),
        "scope": restriction.scope,
        "prison": " ".join(restriction.establishments),
        "pathway": str(restriction.pathway or ""),
        "from": shown_day(restriction.from_),
        "until": shown_day(restriction.until),
        "court_order": "yes" if restriction.has_court_order else "no",
        "court_order_text": court_order_text(restriction.court_order),
        "court_order_until": shown_day(court_orders.last_day(restriction.court_order)),
        "justification": document.justification,
        "review": shown_day(document.review),
        "notes": document.notes,
    }


def read_form(form: Mapping[str, str], now: datetime, before: Document | None = None) -> Entered:
    """A form as it came back; `before` is what it was filled with. Raises FormError."""
    reader = FormReader(form)
    if before is None:  # nothing is entered that is over when it begins
        for name in ("until", "review"):
            reader.later_day(name, now)
    old = before.restriction if before is not None else None
    restriction = Restriction(
        id=old.id if old is not None else reader.line("id") or drawn_id("R"),
        prisoner=_one_or_many(reader.codes("prisoners")) or (),
        protected=_protected(reader, old),
        contacts=_contacts(reader, old),
        scope="prisoner" if form.get("scope") == "prisoner" else "estate",
        establishment=_one_or_many(reader.codes("prison")),
        pathway=_pathway(reader, form.get("pathway", "")),
        from_=reader.day("from"),
        until=reader.day("until"),
        court_order=_court_order(reader, form.get("court_order", ""), old),
        exceptions=_exceptions(reader, old),
    )
    if not restriction.prisoners:
        reader.wrong["prisoners"] = "Enter at least one prisoner number"
    if form.get("scope") not in ("estate", "prisoner"):
        reader.wrong["scope"] = "Choose for whom it holds"
    entered = Entered(
        restriction=restriction,
        justification=reader.text("justification"),
        review=reader.day("review"),
        notes=reader.text("notes"),
        reason=reader.text("reason", "Enter a reason" if before is not None else ""),
    )
    reader.check()
    return entered


def read_request(form: Mapping[str, str], now: datetime, identifier: str = "1") -> Request:
    """Who asked for a restriction. Raises FormError."""
    reader = FormReader(form)
    request = Request(
        id=identifier,
        agency=reader.line("agency") or UNKNOWN_AGENCY,
        requester=reader.text("requester"),
        reference=reader.line("reference"),
        received=reader.past_day("received", now),
    )
    reader.check()
    return request


def misplaced(error: InvalidError, restriction: Restriction) -> FormError:
    """What the registry finds wrong, at the field of the form where it was typed."""
    path = error.field or "id"
    place = _place_in(path)
    if place is None:
        name = {"prisoner": "prisoners", "establishment": "prison", "protected.name": "name"}.get(path, path)
        return FormError({name: _named(name, error.detail)})
    number, name = int(place[2]), {"prisoner": "prisoners"}.get(place[1], place[1])
    if name == "contacts":
        kind = restriction.contacts[number].kind
        before = restriction.contacts[:number]
        (name,) = (field for field, known in KINDS.items() if known == kind)
        number = sum(contact.kind == kind for contact in before)
    what = error.detail.partition("; contacts[")[0]
    return FormError({name: _named(name, f"line {number + 1}: {what}")})


def court_order_text(order: Any) -> str:
    """A court order in words, as far as it was recorded, without its last day."""
    if isinstance(order, str):
        return order.replace("\r\n", "\n").strip()
    if not isinstance(order, dict):
        return ""
    said = {name: value for name, value in order.items() if name != court_orders.UNTIL}
    if said.keys() == {court_orders.TEXT} and isinstance(said[court_orders.TEXT], str):
        return court_order_text(said[court_orders.TEXT])
    return msgspec.json.encode(said).decode() if said else ""


def order_in_words(order: Any) -> str:
    """The same with its last day, for who decides whether something ends."""
    last = court_orders.last_day(order)
    return f"{court_order_text(order) or 'nothing more is recorded'}, until " + (
        shown_day(last) if last else "it is discharged: its last day is not recorded"
    )


def _named(name: str, what: str) -> str:
    return f"{LABELS[name]}: {what}" if name in LABELS else what[:1].upper() + what[1:]


def _protected(reader: FormReader, old: Restriction | None) -> ProtectedPerson:
    name = reader.name("name", "Enter the protected person’s name")
    aliases = reader.names("aliases")
    if old is None:
        return ProtectedPerson(name=name, aliases=tuple(aliases))
    worded = _worded((old.protected.name, *old.protected.aliases))
    return ProtectedPerson(
        name=worded.get(name, name), aliases=tuple(worded.get(alias, alias) for alias in aliases)
    )


def _contacts(reader: FormReader, old: Restriction | None) -> tuple[Contact, ...]:
    contacts = []
    for name, kind in KINDS.items():
        worded = _worded(_of_kind(old, kind)) if old is not None else {}
        contacts += [Contact(kind=kind, value=worded.get(line, line)) for line in reader.lines(name)]
    if not contacts:
        reader.wrong["phones"] = "Enter at least one number, e-mail address, account or address"
    elif len(contacts) > MOST_CONTACTS:
        reader.wrong["phones"] = f"At most {MOST_CONTACTS} contact points in all"
    return tuple(contacts)


def _exceptions(reader: FormReader, old: Restriction | None) -> tuple[Exemption, ...]:
    known = {_exception_line(one): one for one in old.exceptions} if old is not None else {}
    return tuple(known.get(line) or _exception(line) for line in reader.lines("exceptions"))


def _exception(line: str) -> Exemption:
    prisoner, _, rest = line.partition(" ")
    contact, _, note = rest.partition(_NOTES_AFTER)
    return Exemption(
        prisoner=prisoner.upper().rstrip(",:"), contact=contact.strip(), note=note.strip() or None
    )


def _exception_line(exception: Exemption) -> str:
    line = f"{exception.prisoner} {one_line(exception.contact)}"
    return one_line(f"{line}{_NOTES_AFTER}{one_line(exception.note)}" if exception.note else line)


def _pathway(reader: FormReader, text: str) -> Any:
    if text not in ("", "1", "2", "3", "4"):
        reader.wrong["pathway"] = "Choose a pathway"
        return None
    return int(text) if text else None


def _court_order(reader: FormReader, answer: str, old: Restriction | None) -> Any:
    text, last = reader.text("court_order_text"), reader.day("court_order_until")
    if answer != "yes":
        if text or last:
            reader.wrong["court_order"] = "Say that there is a court order, or take out what it says"
        return None
    known = old.court_order if old is not None and old.has_court_order else None
    order: Any = text or True
    if known is not None and text == court_order_text(known):
        if last == court_orders.last_day(known):
            return known
        order = known
    said = order if isinstance(order, dict) else {court_orders.TEXT: order} if isinstance(order, str) else {}
    said = {name: value for name, value in said.items() if name != court_orders.UNTIL}
    return {**said, court_orders.UNTIL: last} if last else (order if not isinstance(order, dict) else said)


def _one_or_many(values: list[str]) -> str | tuple[str, ...] | None:
    return tuple(values) if len(values) > 1 else values[0] if values else None


def _of_kind(restriction: Restriction, kind: str) -> list[str]:
    return [contact.value for contact in restriction.contacts if contact.kind == kind]


def _listed(values: Iterable[str]) -> str:
    return "\n".join(map(one_line, values))


def _worded(values: Iterable[str]) -> dict[str, str]:
    """The exact wording of what is shown in one line."""
    return {one_line(value): value for value in values}
