"""Messages: restricted recipients, what hides in a text, and the texts that must go through."""

from collections.abc import Callable

from engine.model import ReasonCode, Verdict
from service.demonstration.estate import Barred, Estate, InventedPrisoner
from service.demonstration.example import Example, Maker

_ENGLISH = ["oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_WELSH = ["dim", "un", "dau", "tri", "pedwar", "pump", "chwech", "saith", "wyth", "naw"]
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_LOOK_ALIKE = str.maketrans("01", "Ol")
_ZERO_WIDTH = "\u200b"

_ORDINARY = (
    "Hi Mum, thanks for the photos. See you on the 14th at 2.30, visits hall opens at 1.45.",
    "Got the job in the kitchen, £14.50 a week from Monday. Save me some of that cake!",
    "Happy birthday big man, {age} today! Sorry I can't be there. Love to everyone.",
    "Can you send £{pounds}.00 before the 3rd please, canteen sheet closes at 16:00. Order ref 88{ref}.",
    "Lost 3-1 to C wing, I was in goal. Don't tell Grandad, he'll never let me forget it.",
    "Parole paperwork came, {pages} pages. Reading it slowly. I'll ring on Sunday after 6.",
    "Nos da, cariad. Two more months and I'm home. Give the dog a hug from me.",
)


def _message(
    shows: str, decision: Verdict, reason: ReasonCode | None, prisoner: InventedPrisoner, to: str, body: str
) -> list[Example]:
    return [Example("message", shows, decision, reason, prisoner, to, body)]


def _ordinary(estate: Estate) -> str:
    text = estate.chance.choice(_ORDINARY)
    draw = estate.chance.randrange
    return text.format(age=draw(18, 80), pounds=draw(5, 60), ref=draw(1000, 9999), pages=draw(12, 90))


def _in_body(
    shows: str, reason: ReasonCode, write: Callable[[Estate, Barred], str], *, own: bool = True
) -> Maker:
    """A message to an ordinary number, flagged for what it says."""

    def make(estate: Estate) -> list[Example]:
        barred = estate.one()
        to = estate.free_number(barred)
        prisoner = barred.prisoner if own else estate.other()
        return _message(shows, "flag", reason, prisoner, to, write(estate, barred))

    return make


def family_message(estate: Estate) -> list[Example]:
    """An ordinary message, by anybody."""
    prisoner, own = estate.anybody()
    to = estate.free_number(own)
    return _message("an ordinary message", "allow", None, prisoner, to, _ordinary(estate))


def _digits(barred: Barred) -> str:
    return barred.number.replace(" ", "")


def _number(estate: Estate, barred: Barred) -> str:
    return f"Ring {barred.number} and ask for me."


def _email(estate: Estate, barred: Barred) -> str:
    return f"Write to {barred.email} for me, will you?"


def _handle(estate: Estate, barred: Barred) -> str:
    return f"Look up {barred.handle} and see what she posts."


def _address(estate: Estate, barred: Barred) -> str:
    return f"Go round to {barred.home} tonight."


def _name(estate: Estate, barred: Barred) -> str:
    return f"Have you seen {barred.person} lately?"


def _in_words(estate: Estate, barred: Barred) -> str:
    digits = _digits(barred)
    words, at = [], 0
    while at < len(digits):
        double = digits[at : at + 1] == digits[at + 1 : at + 2]
        words.append(("double " if double else "") + _ENGLISH[int(digits[at])])
        at += 1 + double
    return f"You can get her on {' '.join(words)}, evenings are best."


def _in_welsh(estate: Estate, barred: Barred) -> str:
    return f"Dyma'r rhif: {' '.join(_WELSH[int(digit)] for digit in _digits(barred))}. Diolch."


def _disguised(estate: Estate, barred: Barred) -> str:
    digits = _digits(barred)
    forms = [digits.translate(_FULL_WIDTH), _ZERO_WIDTH.join(digits)]
    if "0" in digits[1:]:
        forms.append(digits.translate(_LOOK_ALIKE))
    return f"The code is {estate.chance.choice(forms)} ok"


def _split(estate: Estate, barred: Barred) -> str:
    digits = _digits(barred)
    return f"locker {digits[:5]} then\nthe shelf {digits[5:8]} and\nbox {digits[8:]}, got it?"


def _reversed_or_moved(estate: Estate, barred: Barred) -> str:
    digits = _digits(barred)
    moved = "".join(str((int(digit) + 1) % 10) for digit in digits)
    forms = [form for form in (digits[::-1], moved) if form != digits]
    return f"My account is {estate.chance.choice(forms)}, don't lose it."


def _passed_on(estate: Estate, barred: Barred) -> str:
    first = barred.person.first
    return estate.chance.choice((f"Tell {first} I am sorry.", f"Please pass this on to {first} for me."))


def _to_restricted_number(estate: Estate) -> list[Example]:
    barred = estate.one()
    shows, reason = "a text to a restricted number", ReasonCode.RESTRICTED_NUMBER
    return _message(shows, "block", reason, barred.prisoner, barred.number, _ordinary(estate))


def _to_email(estate: Estate) -> list[Example]:
    barred = estate.one()
    local, _, domain = barred.email.partition("@")
    to = estate.chance.choice((barred.email, barred.email.upper(), f"{local}+home@{domain}"))
    shows, reason = "to a restricted e-mail address", ReasonCode.RESTRICTED_EMAIL
    return _message(shows, "block", reason, barred.prisoner, to, _ordinary(estate))


def _to_handle(estate: Estate) -> list[Example]:
    barred = estate.one()
    to = estate.chance.choice((barred.handle, barred.handle.upper()))
    shows, reason = "to a restricted account name", ReasonCode.RESTRICTED_HANDLE
    return _message(shows, "block", reason, barred.prisoner, to, _ordinary(estate))


def _over_two_messages(estate: Estate) -> list[Example]:
    barred = estate.one()
    to, digits = estate.free_number(barred), _digits(barred)
    first = f"Write this down {digits[:6]} and wait"
    shows = "a number begun in one message, ended in the next"
    return [
        *_message("the first half of a number", "allow", None, barred.prisoner, to, first),
        *_message(shows, "flag", ReasonCode.HIDDEN_NUMBER, barred.prisoner, to, f"the rest is {digits[6:]}"),
    ]


def _namesake(estate: Estate) -> list[Example]:
    person, prisoner = estate.one().person, estate.other()
    body = f"Tell {person.first} the match was great. {person} scored twice!"
    return _message("a stranger who bears the name", "allow", None, prisoner, estate.free_number(), body)


def _to_legal_adviser(estate: Estate) -> list[Example]:
    barred = estate.one()
    entry = estate.chance.choice([entry for entry in estate.register if len(entry.contacts) > 1])
    body = f"For my appeal: {barred.person} lives at {barred.home}, number {barred.number}."
    shows = "a confidential message: content not looked at"
    return _message(shows, "allow", ReasonCode.CONFIDENTIAL, barred.prisoner, entry.contacts[-1].value, body)


def _to_nobody(estate: Estate) -> list[Example]:
    to = estate.chance.choice(("mum", "my brother", "?"))
    shows, reason = "a recipient that cannot be read", ReasonCode.UNUSABLE_NUMBER
    return _message(shows, "flag", reason, estate.other(), to, _ordinary(estate))


def _to_premium(estate: Estate) -> list[Example]:
    to = estate.special_number("premium")
    shows, reason = "a text to a premium number", ReasonCode.NUMBER_CLASS
    return _message(shows, "flag", reason, estate.other(), to, _ordinary(estate))


_CONTENT, _HIDDEN = ReasonCode.RESTRICTED_CONTENT, ReasonCode.HIDDEN_NUMBER
MESSAGES: tuple[Maker, ...] = (
    _to_restricted_number,
    _to_email,
    _to_handle,
    _over_two_messages,
    _namesake,
    _to_legal_adviser,
    _to_nobody,
    _to_premium,
    _in_body("a restricted number in the text", _CONTENT, _number, own=False),
    _in_body("a restricted e-mail address in the text", _CONTENT, _email, own=False),
    _in_body("a restricted account name in the text", _CONTENT, _handle, own=False),
    _in_body("a restricted address in the text", _CONTENT, _address, own=False),
    _in_body("the name of the person he must not contact", _CONTENT, _name),
    _in_body("a request to pass something on", ReasonCode.RELAY_REQUEST, _passed_on),
    _in_body("a number in words", _HIDDEN, _in_words, own=False),
    _in_body("a number in Welsh words", _HIDDEN, _in_welsh, own=False),
    _in_body("a number in odd digits, letters or signs", _HIDDEN, _disguised, own=False),
    _in_body("a number split over lines and words", _HIDDEN, _split, own=False),
    _in_body("a number backwards, or each digit moved by one", _HIDDEN, _reversed_or_moved, own=False),
)
