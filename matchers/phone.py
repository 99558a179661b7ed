"""Any dialled or written telephone number to E.164, with the steps taken.

    >>> read("141 07700 900123").e164
    '+447700900123'

UK numbers are read here; `phonenumbers` reads those of other countries. Nothing is gated on validity: a
number that no plan knows is still a number that somebody can restrict. Where a text can be read in two
ways, the likelier one is the answer and the others are its `alternatives`, never thrown away.
"""

import re
from enum import StrEnum

import msgspec
import phonenumbers

from matchers import dialling, digit_readings, tables
from matchers.dialling import DIALLING_CODES, MOST_STEPS
from matchers.folding import CONFUSABLE_MAP, plain, without_percent_signs
from matchers.labels import without_labels

SHORT_CODE_BASE = 10**18
"""Added to a short code's digits to make its key, so that 116123 is not the number +1 16123."""
LOCAL_BASE = 2 * 10**18
"""Added to the digits of a number without its area code to make its key."""
LONGEST_E164 = 15
"""Digits of the longest international number (ITU-T E.164, 6.2.1)."""
PLAN_LENGTH = 10
"""Digits of a UK national significant number (Ofcom plan, B1.1); a few are shorter, none longer."""


class NumberClass(StrEnum):
    """What kind of number it is, by the plan's own ranges."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    PERSONAL = "personal"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    FREEPHONE = "freephone"
    SHORT_CODE = "short_code"
    OPERATOR = "operator"
    INTERNATIONAL = "international"
    LOCAL = "local"
    """Digits that a local exchange would complete; the area code is not known."""
    INCOMPLETE = "incomplete"
    """A UK number with digits missing, or of a range that the plan does not allocate."""
    UNUSABLE = "unusable"
    """No number could be read."""


class Alternative(msgspec.Struct, frozen=True, gc=False):
    """Another way to read the same text: its look-up key and why it could be meant."""

    key: int
    step: str


class Number(msgspec.Struct, frozen=True, gc=False):
    """One number as read.

    `key` is what look-ups use: the E.164 digits as an integer, or a short or local number's digits above
    its base, or 0 for an unusable one. `tail` holds the digits behind the number's last one, `local` those
    of a number that was given without its area code.
    """

    text: str
    e164: str
    key: int
    kind: NumberClass
    tail: str = ""
    steps: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    local: str = ""

    @property
    def usable(self) -> bool:
        """Whether any number could be read."""
        return self.kind is not NumberClass.UNUSABLE


def read(text: str, region: str = "GB", area_codes: tuple[str, ...] = ()) -> Number:
    """Read one number, as dialled or written, in `region` (ISO 3166); never raises.

    `area_codes` ("0113") are those that a number without one may belong to, the likeliest first.
    """
    if region != "GB":
        return _foreign(text, text, region, ()) or _unusable(text)
    # The fast path: a UK number written plainly. All else takes the long way round.
    match = _PLAIN_UK(_without_separators(text))
    if match is not None:
        national = match[1]
        kind = _CLASS_BY_PREFIX.get(national[:3])
        if kind is not None and (len(national) == PLAN_LENGTH or _short_enough(national)):
            return Number(text, "+44" + national, int("44" + national), kind)
    return _read_carefully(text, area_codes)


def is_plain(text: str) -> bool:
    """Whether a text is one whole UK number, plainly written."""
    match = _PLAIN_UK(_without_separators(text))
    return match is not None and len(match[1]) == PLAN_LENGTH and match[1][:3] in _CLASS_BY_PREFIX


def ordinary_key(text: str) -> int:
    """The key of a whole UK mobile or landline number, plainly dialled: 0 of anything else.

    Plainly is with its 0 or country code, and one dialling code before it or none.
    """
    if not text.isascii():
        return 0
    if len(text) == PLAN_LENGTH + 1 and text[0] == "0" and text.isdigit():  # as most are dialled
        national = int(text)
    else:
        marks = _MARKS
        if text[:1] == "1":
            code = _CODE(text)
            if code is None:
                return 0
            text, marks = text[code.end() :], b" -"
        match = _ORDINARY(text.encode().translate(None, marks))
        if match is None:
            return 0
        national = int(match[1])
    return _UK_BASE + national if national // 10**7 in _ORDINARY_PREFIXES else 0


def is_possible(number: Number) -> bool:
    """Whether an international number has as many digits as its country's plan has."""
    parsed = phonenumbers.parse(number.e164)
    return phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE


def area_codes_near(prison: str | None) -> tuple[str, ...]:
    """Area codes at and around a prison ("LEI" gives ("0113",)); empty when it is not known."""
    return _AREA_CODES_BY_PRISON.get(prison or "", ())


def local_part(key: int) -> str:
    """What a UK number is without its area code, or a mobile without its first five digits; "" elsewhere.

    Source: Ofcom plan, B2: 02x has eight digits behind it, 011x and 01x1 seven, the others six.
    """
    digits = str(key)
    if not digits.startswith("44") or len(digits) != PLAN_LENGTH + 2:
        return ""
    national = digits[2:]
    if national[0] == "2":
        return national[2:]
    if national[0] == "1":
        return national[3:] if national[1] == "1" or national[2] == "1" else national[4:]
    return national[4:] if national[0] == "7" else ""


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────────

_MARKS = b" -.()/"
_SEPARATORS = str.maketrans(dict.fromkeys(" \t\n\r\xa0-.()[]/", None))
_PLAIN_UK = re.compile(r"(?:0|\+44|0044|\+440|00440)([1-35789]\d{6,9})", re.ASCII).fullmatch

_ORDINARY = re.compile(rb"(?:0|\+44|0044|\+440|00440)([1-35789]\d{9})").fullmatch


def _without_separators(text: str) -> str:
    if text.isascii():
        return text.encode().translate(None, b" \t\n\r-.()[]/").decode()
    return text.translate(_SEPARATORS)


_PREFIXES = {prefix: NumberClass(kind) for prefix, kind in tables.rows("number_classes")}


def _class_of(national: str) -> NumberClass | None:
    """Class of a UK national significant number by its longest known prefix; None when unallocated."""
    return next((_PREFIXES[national[:n]] for n in (3, 2, 1) if national[:n] in _PREFIXES), None)


_CLASS_BY_PREFIX = {str(n): kind for n in range(100, 1000) if (kind := _class_of(str(n)))}
_ORDINARY_PREFIXES = frozenset(
    int(n) for n, kind in _CLASS_BY_PREFIX.items() if kind in (NumberClass.MOBILE, NumberClass.LANDLINE)
)
_UK_BASE = 44 * 10**PLAN_LENGTH
_CODES = "|".join(pattern.pattern for pattern, code, _ in DIALLING_CODES if code[0] not in "*#")
_CODE = re.compile(rf"(?>{_CODES})[ -]*(?=0)", re.ASCII).match
_SHORT_CODES = {code: NumberClass(kind) for code, kind, _ in tables.rows("short_codes")}
_AREA_CODES_BY_PRISON = {prison: tuple(codes.split()) for prison, codes in tables.rows("prison_area_codes")}
# 055 is corporate, 056 IP telephony, 118 directory enquiries: the last is reached without a leading 0.
_DIRECTORY_ENQUIRIES = re.compile(r"118\d{3}", re.ASCII)


def _short_enough(national: str) -> bool:
    """Whether a number below plan length is one of the plan's short ones (Ofcom plan, B1.1 and its notes)."""
    length = len(national)
    if length == 9:
        return national[0] == "1" or national.startswith(("500", "800"))
    return national in ("8001111", "8454647")


# ── the long way round ──────────────────────────────────────────────────────────────────────────────────

_UNBROKEN = re.compile(rf"\d{{{LONGEST_E164 + 1}}}").search
_GUESSED = "no leading 0 or country code"
_NON_DIGIT = re.compile(r"\D", re.ASCII)


def _read_carefully(text: str, area_codes: tuple[str, ...]) -> Number:
    if not any(map(str.isalnum, text)):
        return _unusable(text)  # marks alone, "!||", only look like digits
    folded, folds = plain(text)
    steps = list(folds)
    unlabelled = without_labels(folded)
    if unlabelled != folded and _is_whole(bare := read(unlabelled)):
        return msgspec.structs.replace(bare, text=text, steps=(*steps, *bare.steps, "label dropped"))
    body = without_percent_signs(folded)
    if body != folded:
        steps.append("percent-encoding decoded")
    body = dialling.without_uri(body, steps)
    body = dialling.without_star_code(body, steps)
    body = dialling.without_codes_before_plus(body, steps)
    stem, extension = dialling.without_extension(body)
    best: Number | None = None
    others: list[Alternative] = []
    for digits, taken in digit_readings.ways(stem):
        number = _read_digits(text, digits, extension, (*steps, *taken), area_codes)
        if number is None:
            continue
        if best is None or (not _complete(best) and _complete(number)):
            if best is not None and best.usable:
                others.append(Alternative(best.key, "as written, without reading letters as digits"))
            best = number
        elif number.key != best.key and _complete(number):
            others.append(Alternative(number.key, "; ".join(taken)))
    if best is None:
        return _unusable(text)
    if best.tail or not _complete(best) or _GUESSED in best.steps:
        others.extend(_embedded(body, best))
    kept = {a.key: a for a in (*best.alternatives, *others) if a.key != best.key}
    return msgspec.structs.replace(best, alternatives=tuple(kept.values()))


def _is_whole(number: Number) -> bool:
    """Whether it is a UK number of the plan's full length, with nothing behind it."""
    return _complete(number) and not number.tail and len(number.e164) == len("+44") + PLAN_LENGTH


def _unusable(text: str) -> Number:
    return Number(text, "", 0, NumberClass.UNUSABLE, steps=("no telephone number could be read",))


def _complete(number: Number) -> bool:
    return number.kind not in (NumberClass.INCOMPLETE, NumberClass.LOCAL, NumberClass.UNUSABLE)


def _read_digits(
    text: str, digits: str, extension: str, steps: tuple[str, ...], area_codes: tuple[str, ...]
) -> Number | None:
    """Digits with an optional leading + to a number: dialling codes, then the country, then the plan."""
    bare = digits.lstrip("+")
    if not bare:
        return None
    if digits[0] == "+":
        return _with_plus(text, bare, extension, steps)
    if bare[0] == "0":
        return _with_zero(text, bare, extension, steps)
    if bare[0] == "9" and _ends_in_short_code(bare) and len(steps) < MOST_STEPS:
        taken = (*steps, "outside-line 9 removed")
        inner = _read_digits(text, bare[1:], extension, taken, area_codes)
        if inner is not None and inner.kind is NumberClass.SHORT_CODE:
            return inner
    whole = _short_or_bare(text, bare, extension, steps)
    if whole is not None and not _starts_with_dialling_code(bare):
        return whole
    tried = 0
    for pattern, code, meaning in DIALLING_CODES if len(steps) < MOST_STEPS else ():
        found = pattern.match(bare)
        if found is None or code[0] in "*#" or found.end() == tried:
            continue
        tried = found.end()
        rest = bare[found.end() :]
        taken = (*steps, f"dialling code {found[0]} removed ({meaning})")
        inner = _behind_code(text, rest, extension, taken, area_codes)
        if inner is not None:
            if whole is not None and whole.key != inner.key:
                if inner.key >= SHORT_CODE_BASE and _complete(inner):
                    # What is dialled without a leading 0 behind 1470 is a short code, no number of 01470.
                    other = Alternative(whole.key, whole.steps[-1])
                    return msgspec.structs.replace(inner, alternatives=(*inner.alternatives, other))
                other = Alternative(inner.key, inner.steps[-1])
                return msgspec.structs.replace(whole, alternatives=(*whole.alternatives, other))
            return inner
    if whole is not None:
        return whole
    if bare[0] == "9" and len(bare) > PLAN_LENGTH and len(steps) < MOST_STEPS:
        # A switchboard's outside line.
        inner = _behind_code(text, bare[1:], extension, (*steps, "outside-line 9 removed"), area_codes)
        if inner is not None and _complete(inner):
            return inner
    if bare.startswith("44") and len(bare) > PLAN_LENGTH:
        return _uk(text, bare[2:], extension, (*steps, "country code 44 without its plus sign"))
    if bare.startswith("4400"):
        return _uk(text, bare[2:], extension, steps)
    return _local_or_unknown(text, bare, extension, steps, area_codes)


def _ends_in_short_code(bare: str) -> bool:
    return bare[1:] in _SHORT_CODES or bare[-6:] in _SHORT_CODES


def _starts_with_dialling_code(bare: str) -> bool:
    return bare[0] == "1" and any(
        pattern.match(bare) for pattern, code, _ in DIALLING_CODES if code[0] == "1"
    )


def _behind_code(
    text: str, rest: str, extension: str, steps: tuple[str, ...], area_codes: tuple[str, ...]
) -> Number | None:
    """What stands behind a dialling code, or None when it is not a number and the code is none."""
    if not rest:
        return None
    if rest[0] == "0":
        return _with_zero(text, rest, extension, steps)
    inner = _read_digits(text, rest, extension, steps, area_codes)
    if inner is None or (_GUESSED in inner.steps and inner.tail and _UNBROKEN(text)):
        return None
    return inner if _complete(inner) or inner.e164 else None


def _with_plus(text: str, bare: str, extension: str, steps: tuple[str, ...]) -> Number:
    if bare.startswith("00"):
        return _with_zero(text, bare, extension, (*steps, "plus sign before 00 dropped"))
    if bare.startswith("0"):
        return _with_zero(text, bare, extension, (*steps, "plus sign before a trunk 0 dropped"))
    if bare.startswith("44"):
        return _uk(text, bare[2:], extension, steps)
    return _international(text, bare, extension, steps)


def _with_zero(text: str, bare: str, extension: str, steps: tuple[str, ...]) -> Number:
    if bare.startswith("00"):
        rest = bare.lstrip("0")
        if rest.startswith("44"):
            return _uk(text, rest[2:], extension, (*steps, "international prefix 00 read"))
        if bare.startswith("000"):
            return _uk(text, rest, extension, (*steps, "zeros before the trunk 0 dropped"))
        return _international(text, rest, extension, (*steps, "international prefix 00 read"))
    if bare.startswith(("044", "0044")) and len(bare) > PLAN_LENGTH + 1:
        return _uk(text, bare[3:], extension, (*steps, "country code 44 behind a trunk 0"))
    return _uk(text, bare[1:], extension, steps)


def _short_or_bare(text: str, bare: str, extension: str, steps: tuple[str, ...]) -> Number | None:
    """A short code, or a UK number of full length whose leading 0 is missing."""
    if kind := _SHORT_CODES.get(bare):
        return Number(text, "", SHORT_CODE_BASE + int(bare), kind, extension, steps)
    if _DIRECTORY_ENQUIRIES.fullmatch(bare):
        return Number(text, "", SHORT_CODE_BASE + int(bare), NumberClass.PREMIUM, extension, steps)
    if len(bare) == PLAN_LENGTH and _class_of(bare):
        return _uk(text, bare, extension, (*steps, "leading 0 added"))
    return None


def _uk(text: str, national: str, extension: str, steps: tuple[str, ...]) -> Number:
    """Digits behind +44 or a trunk 0, cut at the plan's length; what is left is the tail."""
    significant = national.lstrip("0")
    if significant != national and significant:
        steps = (*steps, "trunk 0 dropped")
    if significant.startswith("44") and len(significant) > PLAN_LENGTH:
        steps = (*steps, "country code given twice")
        significant = significant[2:].lstrip("0")
    stem, rest = significant[:PLAN_LENGTH], significant[PLAN_LENGTH:]
    tail = rest + extension
    if rest:
        steps = (*steps, f"cut at {PLAN_LENGTH} digits behind +44, {len(rest)} more kept as the tail")
    if extension:
        steps = (*steps, "extension kept as the tail")
    if not stem:
        return _unusable(text)
    kind = _class_of(stem)
    if kind is None or not (len(stem) == PLAN_LENGTH or _short_enough(stem)):
        kind = NumberClass.INCOMPLETE
    return Number(text, "+44" + stem, int("44" + stem), kind, tail, steps)


def _international(text: str, bare: str, extension: str, steps: tuple[str, ...]) -> Number:
    number = _foreign(text, "+" + bare, "GB", steps, extension)
    if not bare or (len(bare) > LONGEST_E164 and (number is None or _UNBROKEN(text))):
        return _unusable(text)
    if number is None:
        stem, tail = bare[:LONGEST_E164], bare[LONGEST_E164:] + extension
        number = Number(text, "+" + stem, int(stem), NumberClass.INCOMPLETE, tail, steps)
    others = []
    if len(bare) == PLAN_LENGTH and _class_of(bare):
        others.append(Alternative(int("44" + bare), "read as a UK number without its leading 0"))
    return msgspec.structs.replace(number, alternatives=tuple(others))


def _foreign(
    text: str, number: str, region: str, steps: tuple[str, ...], extension: str = ""
) -> Number | None:
    """A number as `phonenumbers` reads it, or None; what is too long for its country is the tail."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    whole = str(parsed.national_number)
    tail = extension or (parsed.extension or "")
    phonenumbers.truncate_too_long_number(parsed)
    kept = str(parsed.national_number)
    if kept != whole:
        tail = whole[len(kept) :] + tail
        steps = (*steps, "cut at the country's longest number, the rest kept as the tail")
    e164 = str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    kind = NumberClass.INTERNATIONAL
    if parsed.country_code == 44:
        kind = _class_of(e164[3:]) or NumberClass.INCOMPLETE
    return Number(text, e164, int(e164[1:]), kind, tail, steps)


def _local_or_unknown(
    text: str, bare: str, extension: str, steps: tuple[str, ...], area_codes: tuple[str, ...]
) -> Number:
    """Digits without a leading 0 that are no whole number: perhaps a local number near the prison."""
    if 5 <= len(bare) <= 8 and bare[0] not in "01":
        whole = [code[1:] + bare for code in area_codes if len(code) - 1 + len(bare) == PLAN_LENGTH]
        if whole:
            first, *more = whole
            step = "area code 0{} of the prison's own exchange added"
            others = tuple(Alternative(int("44" + n), f"area code 0{n[: -len(bare)]} added") for n in more)
            taken = (*steps, step.format(first[: -len(bare)]))
            return Number(
                text, "+44" + first, int("44" + first), NumberClass.LOCAL, extension, taken, others, bare
            )
        taken = (*steps, "no area code")
        return Number(text, "", LOCAL_BASE + int(bare), NumberClass.LOCAL, extension, taken, local=bare)
    if len(bare) > LONGEST_E164:
        return _unusable(text)
    if len(bare) > PLAN_LENGTH:
        taken = (*steps, _GUESSED)
        if _class_of(bare):
            return _uk(text, bare, extension, taken)
        return _international(text, bare, extension, taken)
    if len(bare) < 3:
        return _unusable(text)
    return Number(
        text, "", LOCAL_BASE + int(bare), NumberClass.INCOMPLETE, extension, (*steps, "too few digits")
    )


_WHOLE_UK_INSIDE = re.compile(r"(?=(?:00440?|440?|0)([1-35789]\d{9}))")


def _embedded(body: str, best: Number) -> list[Alternative]:
    """Whole UK numbers that stand inside a longer string of digits, other than the one already read."""
    digits = _NON_DIGIT.sub("", body.translate(CONFUSABLE_MAP) if not body.isdigit() else body)
    return [
        Alternative(int("44" + national), "a whole number inside the digits given")
        for national in _WHOLE_UK_INSIDE.findall(digits)
        if "+44" + national != best.e164 and _class_of(national)
    ]
