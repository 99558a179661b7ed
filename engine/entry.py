"""Entry: what somebody wrote into a contact point's field, read into what each value of it will stop.

    >>> entered = read(Contact(kind="phone", value="home: 020 7946 0123, mob: 07700 900123"))
    >>> [point.contact.value for point in entered.points]
    ['020 7946 0123', '07700 900123']

One field may hold several values, with notes and list numbers between. Each whole value becomes a contact
point of its own. What cannot be trusted is refused, never stored as something else: its `refused` says why,
in words that repeat nothing of what was written. What is merely worth knowing stands in `told`.

A number is read as the division of its field that makes most of the digits into whole numbers: a list number,
a year or a note is what no whole number needs.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from engine import number_field
from engine.model import Contact
from engine.number_field import FieldNumber, NumberField
from matchers import address, email_handle, phone, tables
from matchers.email_handle import Account
from matchers.folding import plain
from matchers.public_places import public_body, public_place


class Point(msgspec.Struct, frozen=True, gc=False):
    """One contact point of an entry: as it is to be listed, and what it was read as (a protected detail)."""

    contact: Contact
    read_as: str
    notes: tuple[str, ...] = ()
    """What was done to read it."""

    @property
    def stops(self) -> str:
        """What it will stop, in words; a protected detail."""
        return f"{_STOPS[self.contact.kind]} {self.read_as}"


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A field as it was read: its contact points, what was refused of it, and what its author should know."""

    points: tuple[Point, ...]
    refused: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


_STOPS = {
    "phone": "calls and texts to",
    "email": "e-mails to",
    "handle": "messages to",
    "address": "letters to",
}

NO_EMAIL = "no e-mail address"
NO_HANDLE = "no account name can be read"
NO_ADDRESS = "no address can be read"
MORE_ADDRESSES = "more addresses in one value than are read: list the last of them by themselves"
NEVER = "a number that may never be listed ({})"
NEVER_PLACE = "an address that may never be listed ({})"
OF_PUBLIC = "it is of {}: make sure that it is meant"
SEVERAL = "several values in one field: each is listed by itself"
OTHER_KIND = {
    "handle": "an account name in another field was listed as one",
    "email": "an e-mail address in another field was listed as one",
    "phone": "a telephone number in another field was listed as one",
}
REPEATED = "the same value was written more than once"

_never_listed = dict(tables.rows("never_listed"))
_networks = frozenset(word for (word,) in tables.rows("networks"))
_ON_NETWORK = re.compile(
    rf"\b(?:{'|'.join(sorted(map(re.escape, _networks - {'x', 'signal', 'whatsapp', 'wa', 'viber'})))})"
    r"\s*(?:[:=]|-\s|\bis\b)\s*@?([a-z_][\w.\-]+)",
    re.IGNORECASE,
)
_not_values = frozenset(word for (word,) in tables.rows("not_values"))
_no_accounts = _not_values | _networks
_no_names = _no_accounts | {"or", "and"}


def read(contact: Contact, area_codes: tuple[str, ...] = (), *, for_register: bool = False) -> Entry:
    """Read one field; never raises.

    `area_codes` are those of the prisons that the restriction names. The confidential register, and an
    exception, may name what a restriction may not: the emergency services, a court.
    """
    entered = _read(contact, area_codes)
    return entered if for_register else _told_of_public(_without_public(entered))


@lru_cache(maxsize=1 << 12)  # an import checks the fields of a chunk of records, and then files them
def _read(contact: Contact, area_codes: tuple[str, ...]) -> Entry:
    value = contact.value
    if contact.kind == "phone":
        if phone.is_plain(value) and not value.rstrip().endswith("000000"):  # most are
            return _listed(contact, NumberField([FieldNumber(phone.read(value), value, ())], [], []))
        return _phones(contact, area_codes)
    if contact.kind == "address":
        return _address(contact)
    return _plain_account(contact) or _accounts(contact, area_codes)


# ── telephone numbers ───────────────────────────────────────────────────────────────────────────────────


def _phones(contact: Contact, area_codes: tuple[str, ...]) -> Entry:
    text, accounts = _without_accounts(plain(contact.value)[0])
    field = number_field.read(text, area_codes)
    if not field.numbers and not field.refused and not accounts:
        field = number_field.read_spoken(text, area_codes)
    entry = _listed(contact, field)
    told = (*entry.told, *(OTHER_KIND[kind] for kind in dict.fromkeys(one.kind for one in accounts)))
    return Entry((*entry.points, *map(_account_point, accounts)), entry.refused, told)


def _without_accounts(text: str) -> tuple[str, list[Account]]:
    """A field of telephone numbers without the e-mail addresses and accounts in it, and these."""
    accounts: list[Account] = []
    for found in email_handle.find(text) if "@" in text else ():
        if found.account.canonical not in _not_values and not found.account.canonical.isdigit():
            accounts.append(found.account)
            text = text.replace(found.given, " ; ")
    for named in _ON_NETWORK.finditer(text):
        account = email_handle.read_handle(named[1])
        if account is not None and not account.canonical.isdigit() and account.canonical not in _not_values:
            accounts.append(account)
            text = text.replace(named[0], " ; ")
    return text, accounts


def _account_point(account: Account) -> Point:
    at = "@" if account.kind == "handle" else ""
    return Point(Contact(kind=account.kind, value=at + account.canonical), account.canonical, account.steps)


def _listed(contact: Contact, field: NumberField) -> Entry:
    """An entry of these numbers: each once, none that may never be listed."""
    numbers, refused, told = field.numbers, list(field.refused), list(field.told)
    points: dict[int, Point] = {}
    for number, written, notes in numbers:
        if number.key in points:
            told.append(REPEATED)
            continue
        alone = len(numbers) == 1 and phone.read(contact.value).key == number.key and not refused
        value = contact.value if alone else written
        points[number.key] = Point(
            Contact(kind="phone", value=value),
            number.e164 or str(number.key % phone.SHORT_CODE_BASE),
            tuple(notes),
        )
    if len(points) > 1:
        told.append(SEVERAL)
    return Entry(tuple(points.values()), tuple(dict.fromkeys(refused)), tuple(dict.fromkeys(told)))


def _without_public(entered: Entry) -> Entry:
    """Without numbers that everybody must be able to call, and places that anybody may write to."""
    public = {point: what for point in entered.points if (what := _why_public(point.contact, point.read_as))}
    if not public:
        return entered
    points = tuple(point for point in entered.points if point not in public)
    return Entry(points, (*entered.refused, *public.values()), entered.told)


def _why_public(contact: Contact, read_as: str) -> str | None:
    if contact.kind == "phone":
        number = _never_listed.get(_as_dialled(read_as))
        return NEVER.format(number) if number else None
    place = public_place(contact.value) if contact.kind == "address" else None
    return NEVER_PLACE.format(place) if place else None


def _told_of_public(entered: Entry) -> Entry:
    """With whose each value is that belongs to a public body: a slip, or where somebody works."""
    bodies = [whose for point in entered.points if (whose := body_of(point))]
    if not bodies:
        return entered
    told = (*entered.told, *map(OF_PUBLIC.format, dict.fromkeys(bodies)))
    return Entry(entered.points, entered.refused, told)


def body_of(point: Point) -> str | None:
    """The public body whose contact point it is, as "HMP Leeds"; None for anybody else's."""
    contact = point.contact
    return public_body(contact.kind, contact.value if contact.kind == "address" else point.read_as)


def _as_dialled(number: str) -> str:
    return "0" + number[3:] if number.startswith("+44") else number


# ── e-mail addresses and accounts ───────────────────────────────────────────────────────────────────────

_PLAIN = {
    "email": re.compile(r"[A-Za-z][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII).fullmatch,
    "handle": re.compile(r"@?([A-Za-z_]\w*)", re.ASCII).fullmatch,
}
"""Nothing but one address or name: no label, note, link, number or second one can be read into it."""


def _plain_account(contact: Contact) -> Entry | None:
    """A field that holds one account, as most do; None where it takes a closer look."""
    plainly = _PLAIN[contact.kind](contact.value)
    if plainly is None or _has_number(contact.value):
        return None
    if contact.kind == "email":
        account = email_handle.read_email(contact.value)
    else:
        name = plainly[1].casefold()
        account = None if name in _no_names else email_handle.read_handle(contact.value)
    if account is None:
        return None
    return Entry((Point(Contact(kind=account.kind, value=contact.value), account.canonical, account.steps),))


_BETWEEN = re.compile(r"\s*(?:[;|,\n\r&]|\s/\s|\bor\b|\band\b)\s*", re.IGNORECASE)
_BETWEEN_NAMES = re.compile(r"\s*(?:[;|,\n\r&/]|\bor\b|\band\b)\s*", re.IGNORECASE)


def _accounts(contact: Contact, area_codes: tuple[str, ...]) -> Entry:
    kind = contact.kind
    text = plain(contact.value)[0].strip()
    field = number_field.read(_without_accounts(text)[0], area_codes) if _has_number(text) else None
    if field is not None and field.numbers:
        return _beside_numbers(contact, text, field, area_codes)
    read_one = email_handle.read_email if kind == "email" else email_handle.read_handle
    whole = read_one(text)
    pieces = [text] if whole is not None and kind == "email" else _pieces(text, kind)
    points: dict[str, Point] = {}
    refused: list[str] = []
    told: list[str] = []
    for piece in pieces:
        bare = _without_label(_account_part(piece) if kind == "handle" else piece)
        if bare.casefold().strip(" .-?()") in _no_accounts or not bare.strip(" .-?"):
            continue
        other = email_handle.read_email(bare) if "@" in bare[1:] else None
        account = read_one(bare) or other
        if account is not None and account.canonical not in _not_values:
            if account.kind != kind:
                told.append(OTHER_KIND["email"])
            if account.canonical in points:
                told.append(REPEATED)
            value = contact.value if len(pieces) == 1 and read_one(contact.value) == account else bare
            points.setdefault(
                account.canonical,
                Point(Contact(kind=account.kind, value=value), account.canonical, account.steps),
            )
        elif more := _among_words(piece, kind):
            for one in more:
                points.setdefault(one.canonical, _account_point(one))
        else:
            refused.append(NO_EMAIL if kind == "email" else NO_HANDLE)
    if not points and not refused:
        refused.append(NO_EMAIL if kind == "email" else NO_HANDLE)
    if len(points) > 1:
        told.append(SEVERAL)
    return Entry(tuple(points.values()), tuple(dict.fromkeys(refused)), tuple(dict.fromkeys(told)))


def _pieces(text: str, kind: str) -> list[str]:
    if kind == "handle" and _LINK.fullmatch(text):
        return [text]
    is_linked = "://" in text or ".com/" in text or any(email_handle.linked(text))
    between = _BETWEEN if kind == "email" or is_linked else _BETWEEN_NAMES
    found = [piece for piece in between.split(text) if piece]
    return [part for piece in found for part in (piece.split() if piece.count("@") > 1 else [piece])]


_WORDS_OF_NUMBERS = re.compile(
    r"\b(?:whats\s*app|wa|tel|phone|mob(?:ile)?|number|no|home|work)\b[.:]?", re.IGNORECASE
)
_LABEL = re.compile(r"^\s*(?:\d{1,2}[).]\s*)?(?:[A-Za-z][\w /-]{0,30}[:=]\s*)?(?!//)")
_NOTE_BEHIND = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$|\s+-\s+.*$")


def _without_label(piece: str) -> str:
    """A value without `work:` in front of it and `(old)` behind."""
    if "://" in piece or piece.casefold() in _not_values:
        return piece.strip()
    bare = _LABEL.sub("", piece, count=1)
    return _NOTE_BEHIND.sub("", bare).strip() or piece.strip()


_NAMED_SO = re.compile(r"(?:user\s*name|handle|account)\s*(?:is|:)?\s*@?([\w.\-]{2,})", re.IGNORECASE)


def _among_words(piece: str, kind: str) -> list[Account]:
    """Accounts in a sentence: `her email is sally@example.org`, `sallyo on instagram`, `"sallyo"`."""
    if kind == "email":
        return [found.account for found in email_handle.find(piece) if found.account.kind == "email"]
    names = [named[1] for named in _ON_NETWORK.finditer(piece)] or _NAMED_SO.findall(piece)
    first, _, rest = piece.partition(" on ")
    if not names and rest.strip(" .").casefold() in _networks:
        names = [first]
    bare = piece.strip(" \"'()[]“”‘’")
    read = (email_handle.read_handle(name) for name in names or ([bare] if bare != piece else []))
    return [one for one in read if one is not None and one.canonical not in _no_accounts]


_LINK = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*?([\w-]+)\.[a-z]{2,6}/(?:add/|in/|user/|@)?([\w.\-]+)/?(?:\?.*)?",
    re.IGNORECASE,
)


def _account_part(piece: str) -> str:
    """A profile's link, or the network's name beside an account's, without what is not the account."""
    for page in email_handle.linked(piece):
        return page.account.canonical
    link = _LINK.fullmatch(piece)
    if link is not None:
        numbered = re.search(r"[?&]id=(\d+)", piece)
        return numbered[1] if numbered else link[2]
    if named := re.search(r"(?:^|\s)(@[\w.\-]+)", piece):
        return named[1]
    first, _, rest = piece.partition(" ")
    return rest.strip(" -:") if first.casefold().strip(":-") in _networks else piece


_LINK_TO_A_NUMBER = re.compile(
    r"(?:https?://)?(?:www\.)?(?:wa\.me|t\.me|telegram\.me|api\.whatsapp\.com/send(?:\?phone=)?|signal\.me/#p)/?\+?"
    r"(?=\s*(?:;|$))",
    re.IGNORECASE,
)


def _has_number(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= 9


def _beside_numbers(contact: Contact, text: str, field: NumberField, area_codes: tuple[str, ...]) -> Entry:
    """A field for accounts in which telephone numbers stand as well: both are listed."""
    numbers = _listed(contact, field)
    for found in field.numbers:
        text = text.replace(found.text, " ; ")
    text = _LINK_TO_A_NUMBER.sub(" ", text)
    told = (*numbers.told, OTHER_KIND["phone"])
    if not re.search(r"@|[a-z_][\w.]*\d|[._]", _WORDS_OF_NUMBERS.sub(" ", text), re.IGNORECASE):
        return Entry(numbers.points, numbers.refused, told)
    rest = _accounts(Contact(kind=contact.kind, value=text.strip(" ;")), area_codes)
    return Entry((*numbers.points, *rest.points), (*numbers.refused, *rest.refused), (*told, *rest.told))


# ── addresses ───────────────────────────────────────────────────────────────────────────────────────────


def _address(contact: Contact) -> Entry:
    pieces = address.parts(contact.value)
    points: list[Point] = []
    refused: list[str] = []
    told: list[str] = []
    for piece in pieces:
        value = piece if len(pieces) > 1 else contact.value
        reach = address.reach(value)
        if reach.stops:
            points.append(Point(Contact(kind="address", value=value), " ".join(piece.split())))
            told += reach.told
        elif any(one.usable or one.building for one in address.readings(value)):
            refused += reach.told
        elif len(pieces) == 1:
            refused.append(NO_ADDRESS)
    if len(points) > 1:
        told.append(SEVERAL)
    if address.left_out(contact.value):
        refused.append(MORE_ADDRESSES)
    return Entry(tuple(points), tuple(dict.fromkeys(refused)), tuple(dict.fromkeys(told)))
