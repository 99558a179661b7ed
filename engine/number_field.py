"""A field of telephone numbers, as people fill it in: its numbers, and what is wrong with the rest.

The field is divided into whole numbers so that most of its digits are in one: a list number, a year or a note
is what no whole number needs. Nothing that had to be guessed is a number here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from matchers import phone, tables
from matchers.folding import CONFUSABLE_MAP
from matchers.phone import Number, NumberClass

NOTHING = "no telephone number can be read"
TOO_MANY = "a telephone number has too many digits"
TOO_FEW = "a telephone number has too few digits"
MAY_BE_SHORT = "a telephone number may have a digit too few: it was listed as it was written"
NO_AREA_CODE = "a telephone number has no area code: write it in full, with its first 0"
NO_COUNTRY = "a telephone number could be of another country: write + and the country code in front"
ROUNDED = "a telephone number was rounded by a spreadsheet: write all of its digits"
NOTE_DROPPED = "digits beside the number were taken for a note"
TOO_LONG = "longer than a field of telephone numbers may be"

_short_areas = tuple(code for (code,) in tables.rows("short_areas"))


class FieldNumber(NamedTuple):
    """One whole number: as read, as written, and the steps that made it so."""

    number: Number
    text: str
    steps: tuple[str, ...]


class NumberField(NamedTuple):
    """What a field holds: its numbers, why other digits are none, what its author should know."""

    numbers: list[FieldNumber]
    refused: list[str]
    told: list[str]


def read(text: str, area_codes: tuple[str, ...]) -> NumberField:
    """Divide a folded text; never raises."""
    refused: list[str] = []
    told: list[str] = []
    text = _LOSSLESS.sub(_with_all_its_digits, text)
    if _EXCEL.search(text):
        refused.append(ROUNDED)
        text = _EXCEL.sub(" ; ", text)
    text = _FLOAT.sub("", text.strip().lstrip("'"))
    masked = _NOTES.sub(lambda note: " ; ".ljust(len(note[0]), ";"), text)
    tokens = _tokens(masked)
    if len(tokens) > _MOST_TOKENS:
        return NumberField([], [TOO_LONG], [])
    spans = _divide(tokens, area_codes)
    return NumberField(list(_with_leftovers(masked, tokens, spans, area_codes, refused, told)), refused, told)


def read_spoken(text: str, area_codes: tuple[str, ...]) -> NumberField:
    """A text without a number in digits: perhaps one in words."""
    spoken = phone.read(text, area_codes=area_codes)
    if not spoken.e164 and not text.replace(" ", "").isdigit():
        return NumberField([], [NOTHING], [])  # `house: 123` is no short code
    if is_trusted(spoken, text):
        return NumberField([FieldNumber(spoken, text, spoken.steps)], [], [])
    return NumberField([], [_why_not(spoken, text)], [])


def _with_all_its_digits(shown: re.Match[str]) -> str:
    """`7.700900123E9` is 7700900123: with a digit fewer behind its point one may be lost, and it stays."""
    return shown[1] + shown[2] if len(shown[2]) == int(shown[3]) else shown[0]


class _Token(NamedTuple):
    """A run of letters or digits, and what stands between the one before and it."""

    gap: str
    text: str
    digits: str
    """What it may be as digits; "" for a word."""
    start: int
    end: int


_EXCEL = re.compile(r"\d(?:[.,]\d+\s*E\s*\+?|E\+)\s*\d{1,2}\b", re.IGNORECASE)
_LOSSLESS = re.compile(r"(?<![\d.,])(\d)[.,](\d{6,})\s*E\s*\+?\s*(\d{1,2})\b", re.IGNORECASE | re.ASCII)
_FLOAT = re.compile(r"(?<=\d{9})[.,]0+(?!\d)")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NOTES = re.compile(
    # 01/02/2025
    r"(?<![\d./-])(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:\d{4}|\d{2})(?![./-]?\d)"
    r"|\b(?:19|20)\d\d([-/.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])\b(?![\s.-]*\d)"  # 20250201
    r"|(?<=[(,;:\n])\s*(?:0?[1-9]|[12]\d|3[01])\s+(?:0?[1-9]|1[0-2])\s+(?:19|20)\d\d\b"  # (01 02 2025
    # 0930-1700
    r"|(?<![\d-])(?:[01]?\d|2[0-3])[.:]?[0-5]\d\s*(?:-|–|to)\s*(?:[01]?\d|2[0-3])[.:]?[0-5]\d(?![\s.-]*\d)"
    r"|(?<=\()(?:[01]\d|2[0-3])[0-5]\d\s+(?:[01]\d|2[0-3])[0-5]\d(?=\))"
    r"|\b[a-z]{1,2}\d[a-z\d]?\s*\d[abd-hjlnp-uw-z]{2}\b"  # a postcode
    r"|\b\d{1,3}\s*%"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\.?(?:\s+(?:19|20)\d\d)?\b"
    rf"|\b{_MONTH}\.?\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?(?:19|20)\d\d\b"
    r"|\b\d{1,2}(?::[0-5]\d|\.[0-5]\d)?\s*[ap]\.?m\b\.?"  # 9am
    r"|(?<![\d:])\d{1,2}:[0-5]\d(?![\d:])"
    r"|(?<=\s)(?:[1-9]|1[0-2])\s*-\s*(?:[1-9]|1[0-2])(?=\s*(?:$|[;,)\n]))"  # 9-5
    r"|\b24\s*/\s*7\b|\b24\s*-?\s*(?:hrs?|hours?)\b"
    r"|\b(?:since|from|until|till?|to|before|after|in|as of|aged?|dob|born(?: in)?)[ :]+"
    r"(?:(?:19|20)\d\d|\d{1,3})\b(?![\s./-]*\d)"
    r"|(?:^|(?<=[\n;|,]))\s*(?:19|20)\d\d\s*[:=]"  # a year as a label
    r"|(?:^|(?<=[\n;|,\s]))(?:no\.?|#)\s*\d{1,2}\s*[:.)-]",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[^\W_]+")
_LONG_RUN = re.compile(r"\d{4,}", re.ASCII)
_RUN = re.compile(r"\d+|\D+", re.ASCII)
_GLUED_LABEL = re.compile(
    r"(?:h|w|m|tel|mob|home|work|cell)(?=0\d|\d{3})\d+|\d{3,}(?:h|w|m)", re.IGNORECASE | re.ASCII
)
"""H0113, 456W: a letter for home, work or mobile beside digits."""
_EXTENSION_WORD = re.compile(r"(?:e?xt(?:ensio|e)?n?|x)", re.IGNORECASE)
_GLUED_EXTENSION = re.compile(r"(?:e?xt(?:ensio|e)?n?|x)(\d{1,6})", re.IGNORECASE)
_BREAK = re.compile(r"[;|\n\r,&:=]")
_PIECE = re.compile(r"[;|\n\r]")
_ALSO = frozenset(("or", "and"))
_LONGEST = 16
"""Digits that are tried together as one number: the longest of E.164 with a prefix."""
_MOST_TOKENS = 400
_SHORT_NOTE = 4
"""Digits of the longest note: a year. More are a number gone wrong."""
_CARRIERS = frozenset(("o2", "ee"))
_LIKE_A_DIGIT = frozenset("OoIil|")
"""Letters that stand for 0 and 1 in any hand; of others a number has one at the most."""
_UNSURE = ("no leading 0 or country code", "cut at ")
_ONLY_IN_FRONT = ("outside-line", "dialling code")
"""What may be dialled before a number is no part of one in the middle of a field."""
_PLAINLY_BRITISH = 20
"""What a plain UK number is worth above any other reading of its digits."""
_US_STYLE = re.compile(r"\(?\d{3}\)?[\s.-]*\d{3}[\s.-]+\d{4}")
_IS_NOTE = re.compile(  # a year, a date of six digits, a number of the emergency services
    r"(?:19|20)\d\d|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d|999|112|101|111|123", re.ASCII
).fullmatch
_DAY_AND_MONTH = re.compile(r"(?:0?[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:\d\d)?", re.ASCII).fullmatch
_SPREADSHEET_ZEROS = "000000"


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    last = 0

    def add(start: int, end: int) -> None:
        nonlocal last
        word = text[start:end]
        tokens.append(_Token(text[last:start], word, _as_digits(word), start, end))
        last = end

    for match in _TOKEN.finditer(text):
        word = match[0]
        if _GLUED_LABEL.fullmatch(word) or (
            not word.isdigit() and not _as_digits(word) and _LONG_RUN.search(word)
        ):
            for run in _RUN.finditer(word):  # mob07700900123
                add(match.start() + run.start(), match.start() + run.end())
        elif (glued := _GLUED_EXTENSION.fullmatch(word)) and tokens:
            add(match.start(), match.start() + glued.start(1))
            add(match.start() + glued.start(1), match.end())
        else:
            add(*match.span())
    return tokens


def _as_digits(word: str) -> str:
    """A token's digits, look-alike letters read; "" for a word, or a label with a digit (`Tel1`, `24hr`)."""
    if word.isdigit():
        return word
    if not word.isascii() or word.lower() in _CARRIERS:
        return ""
    digits = word.translate(CONFUSABLE_MAP)
    bold = sum(char.isalpha() and char not in _LIKE_A_DIGIT for char in word)
    is_one = digits.isdigit() and bold <= 1 and (any(map(str.isdigit, word)) or word.upper() == "OO")
    return digits if is_one else ""


def _divide(tokens: Sequence[_Token], area_codes: tuple[str, ...]) -> list[tuple[int, int, Number]]:
    """The whole numbers that take in most of the digits, as spans of tokens, from left to right."""

    def span(first: int) -> Iterator[tuple[int, Number, int]]:
        digits, breaks = "", 0
        for last in range(first, len(tokens)):
            token = tokens[last]
            if not token.digits or (last > first and "+" in token.gap):
                return
            if last > first:
                breaks += bool(_BREAK.search(token.gap))
            digits += token.digits
            if len(digits) > _LONGEST:
                return
            written = ("+" if tokens[first].gap.rstrip("( ").endswith("+") else "") + digits
            number = phone.read(written, area_codes=area_codes)
            if any(step.startswith(_ONLY_IN_FRONT) for step in number.steps) and first:
                continue
            group = "".join(t.gap + t.text for t in tokens[first : last + 1]).strip()
            if not number.e164 and not _stands_alone(tokens, first, last):
                continue
            if is_trusted(number, group):
                plainly = _PLAINLY_BRITISH if phone.is_plain(written) else 0
                yield last + 1, number, 2 * len(digits) - 1 - 3 * breaks + plainly

    best: list[tuple[int, list[tuple[int, int, Number]]]] = [(0, [])] * (len(tokens) + 1)
    for first in range(len(tokens) - 1, -1, -1):
        worth, rest = best[first + 1]
        chosen = (worth, rest)
        for end, number, gain in span(first):
            behind, others = best[end]
            if gain + behind >= chosen[0]:  # of two that are as good the first
                chosen = (gain + behind, [(first, end, number), *others])
        best[first] = chosen
    return best[0][1]


def _stands_alone(tokens: Sequence[_Token], first: int, last: int) -> bool:
    """Whether nothing else is written beside these tokens: `123` may be a short code, `PIN: 123` is none."""
    before = not first or _PIECE.search(tokens[first].gap)
    behind = last + 1 == len(tokens) or _PIECE.search(tokens[last + 1].gap)
    return bool(before and behind)


def _with_leftovers(
    text: str,
    tokens: Sequence[_Token],
    spans: Sequence[tuple[int, int, Number]],
    area_codes: tuple[str, ...],
    refused: list[str],
    told: list[str],
) -> Iterator[FieldNumber]:
    """The numbers, each judged by the digits that stand beside it and belong to none."""
    position = 0
    for place, (first, end, number) in enumerate(spans):
        _judge(tokens[position:first], area_codes, refused, told)
        following = spans[place + 1][0] if place + 1 < len(spans) else len(tokens)
        beyond = _belonging(tokens, end, following, len(phone.local_part(number.key)))
        position = end + len(beyond.tokens)
        if beyond.too_many:
            refused.append(TOO_MANY)
            continue
        written = text[tokens[first].start - _lead(tokens[first].gap) : tokens[end - 1].end]
        if _may_be_short(number):
            told.append(MAY_BE_SHORT)
        yield FieldNumber(number, written, (*number.steps, *beyond.notes))
        if len(beyond.others) > 1 and _DAY_AND_MONTH("".join(beyond.others)) and len(beyond.others[1]) == 2:
            told.append(NOTE_DROPPED)
            continue
        for other in beyond.others:
            whole = number.e164[: -len(other)] + other
            also = phone.read(whole)
            if is_trusted(also, whole):
                yield FieldNumber(also, whole, ("read as the last digits of a second number",))
            else:
                refused.append(TOO_FEW)
    _judge(tokens[position:], area_codes, refused, told)


class _Beyond(NamedTuple):
    """The tokens behind a number that have to do with it."""

    tokens: list[_Token]
    others: list[str]
    notes: list[str]
    too_many: bool


def _belonging(tokens: Sequence[_Token], start: int, stop: int, local: int) -> _Beyond:
    """`local` is how many digits the number has behind its area code: a second one may share that."""
    taken: list[_Token] = []
    others: list[str] = []
    notes: list[str] = []
    place = start
    while place < stop:
        token = tokens[place]
        behind = tokens[place + 1] if place + 1 < stop else None
        word = token.text.lower()
        first = place + (word in _ALSO)
        if not notes and (end := _local_run(tokens, first, stop, local)):
            taken += tokens[place:end]
            others.append("".join(one.digits for one in tokens[first:end]))
            place = end
            continue
        if not token.digits:
            if _EXTENSION_WORD.fullmatch(word) and behind is not None and behind.digits:
                taken += (token, behind)
                notes.append("extension left out")
                place += 2
                continue
            if word in _ALSO and behind is not None and _is_ending(behind, tokens, place + 2):
                taken += (token, behind)
                (notes if notes else others).append(behind.digits if not notes else "extension left out")
                place += 2
                continue
            break
        gap = token.gap
        if "#" in gap:
            taken.append(token)
            notes.append("extension left out")
        elif re.fullmatch(r"\s*[/&]\s*", gap) and _is_ending(token, tokens, place + 1):
            taken.append(token)
            (notes if notes else others).append(token.digits if not notes else "extension left out")
        elif re.fullmatch(r"[\s.\-–)]*", gap) and not (behind and not behind.digits and ":" in behind.gap):
            if _begins_words(token, tokens, place + 1):
                break
            if _is_label(tokens, place, stop) or place + 1 == stop < len(tokens):
                break
            if _length_of_run(tokens, place, stop) > _SHORT_NOTE:
                break  # digits enough to be a number of their own, gone wrong
            return _Beyond([token], [], [], too_many=True)
        else:
            break
        place += 1
    return _Beyond(taken, others, notes, too_many=False)


def _local_run(tokens: Sequence[_Token], first: int, stop: int, local: int) -> int:
    """Where several tokens end that are a second number without its area code, `/ 496 0457`; 0 for none."""
    if not local or not 0 < first < stop:
        return 0
    between = _BREAK.search(tokens[first].gap) or _SLASH(tokens[first].gap)
    if not between and tokens[first - 1].text.lower() not in _ALSO:
        return 0
    digits, end = "", first
    while end < stop and len(digits) < local:
        token = tokens[end]
        if not token.text.isdigit() or (end > first and not _SPACED(token.gap)):
            return 0
        digits += token.text
        end += 1
    goes_on = end < len(tokens) and _SPACED(tokens[end].gap) and tokens[end].digits
    return 0 if len(digits) != local or end - first < 2 or goes_on else end


_SLASH = re.compile(r"\s*/\s*").fullmatch
_SPACED = re.compile(r"[\s.\-]*").fullmatch


def _begins_words(token: _Token, tokens: Sequence[_Token], behind: int) -> bool:
    """Whether a few digits belong to the word behind them: `2 kids`, `34 yrs`, `12 Larkmead Street`."""
    word = tokens[behind] if behind < len(tokens) else None
    return len(token.digits) <= 3 and word is not None and not word.digits and not word.gap.strip()


def _is_ending(token: _Token, tokens: Sequence[_Token], behind: int) -> bool:
    """Whether digits behind "/" or "or" stand for the last ones of a second number, and count nothing."""
    if not 1 <= len(token.digits) <= 7 or token.digits != token.text or _IS_NOTE(token.digits):
        return False
    if behind >= len(tokens):
        return True
    gap = tokens[behind].gap
    if gap[:1] in (")", ".", ":"):
        return False  # a list number
    return bool(_BREAK.search(gap)) or "(" in gap or "/" in gap or tokens[behind].text.lower() in _ALSO


def _length_of_run(tokens: Sequence[_Token], start: int, stop: int) -> int:
    """How many digits stand together from here."""
    length = 0
    for token in tokens[start:stop]:
        if not token.digits or (length and _BREAK.search(token.gap)):
            break
        length += len(token.digits)
    return length


def _is_label(tokens: Sequence[_Token], place: int, stop: int) -> bool:
    """Whether the digits begin what comes next, as the `2)` of a second line does."""
    token = tokens[place]
    return len(token.digits) <= 2 and place + 1 < len(tokens) and tokens[place + 1].gap[:1] in (")", ".", ":")


def _judge(
    tokens: Sequence[_Token], area_codes: tuple[str, ...], refused: list[str], told: list[str]
) -> None:
    """Say what is wrong with digits that belong to no whole number: a short note, or a number gone wrong."""
    run: list[_Token] = []
    for token in [*tokens, None]:
        if token is not None and token.digits and not (run and _BREAK.search(token.gap)):
            run.append(token)
            continue
        if run:
            digits = "".join(one.digits for one in run)
            if len(digits) > _SHORT_NOTE:
                plus = "+" if "+" in run[0].gap else ""
                refused.append(_why_not(phone.read(plus + digits, area_codes=area_codes), plus + digits))
            else:
                told.append(NOTE_DROPPED)
        run = [token] if token is not None and token.digits else []


def _lead(gap: str) -> int:
    """Characters of a gap that belong to the number behind it: its plus sign, its bracket."""
    return (
        len(gap) - len(gap.rstrip("+( "))
        if gap.rstrip("( ").endswith("+")
        else len(gap) - len(gap.rstrip("("))
    )


def is_trusted(number: Number, written: str) -> bool:
    """Whether a number is whole, and nothing had to be guessed for it."""
    kind = number.kind
    if kind in (NumberClass.INCOMPLETE, NumberClass.UNUSABLE) or number.tail:
        return False
    if kind is NumberClass.LOCAL:
        return bool(number.e164)
    if any(step.startswith(_UNSURE) for step in number.steps):
        return False
    if number.e164.startswith("+44"):
        national = number.e164[3:]
        if number.e164.endswith(_SPREADSHEET_ZEROS):
            return False
        if "leading 0 added" in number.steps:
            return _is_allocated(national) and not (national[0] == "2" and _US_STYLE.fullmatch(written))
        return True
    return kind is not NumberClass.INTERNATIONAL or phone.is_possible(number)


def _may_be_short(number: Number) -> bool:
    """Whether it has nine digits where its area has ten: nobody's number, and listed as it was written."""
    national = number.e164[3:] if number.e164.startswith("+44") else ""
    return len(national) == 9 and national[0] == "1" and not national.startswith(_short_areas)


def _is_allocated(national: str) -> bool:
    """Whether a number without its 0 is so surely a UK one that the 0 may be added (Ofcom plan, B1.1)."""
    return national[0] in "178" or national[:2] in ("23", "24", "28", "29") or national[:3] in (
        "203", "204", "207", "208",
    )  # fmt: skip


def _why_not(number: Number, written: str) -> str:
    digits = "".join(filter(str.isdigit, written))
    bare = digits.lstrip("0")
    if not digits or number.kind is NumberClass.UNUSABLE:
        return NOTHING
    if digits.endswith(_SPREADSHEET_ZEROS):
        return ROUNDED
    if number.kind is NumberClass.LOCAL:
        return NO_AREA_CODE
    if digits[0] == "0" and not digits.startswith("00"):
        return TOO_MANY if len(digits) > 11 else TOO_FEW
    has_code = written.lstrip().startswith(("+", "00"))
    if digits.startswith("44") or (has_code and number.e164.startswith("+44")):
        return TOO_MANY if len(bare) > 12 else TOO_FEW
    if len(digits) < 9:
        return TOO_FEW
    if has_code:
        return TOO_MANY if number.tail else TOO_FEW
    return NO_COUNTRY
