"""Every whole number that may stand anywhere in what was dialled, to be looked up.

`phone.read` gives the one reading that an exchange would most likely follow. Behind it, in a link's
parameters, after a star code or another number, there may be more: each place where digits begin can begin
a number, of the UK or of any country. A look-up tells which of them matter; none counts by itself.
"""

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

import phonenumbers

from matchers import tables
from matchers.dialling import DIALLING_CODES, LONGEST_DIALLING_CODE, STAR_CODE
from matchers.folding import CONFUSABLE_MAP, plain, without_percent_signs
from matchers.phone import LONGEST_E164, PLAN_LENGTH

SHORTEST_ABROAD = 7
"""Digits of the shortest number with its country code that is looked for inside other digits."""
MOST_STARTS = 200
"""Places at which a number may begin; a dialled text that holds more is not dialled."""

_DIGITS = re.compile(r"\d+", re.ASCII)
_WHOLE_UK = re.compile(r"(?=(?:00440?|440?|0)([1-35789]\d{8,9}))")
_ABROAD = re.compile(r"(?:0{2,3}|011|00?11)?([1-9]\d{6,})", re.ASCII)
_CONTEXT = re.compile(r"phone-context\s*=\s*\+?([\d .\-()]+)", re.IGNORECASE)
_SHORT_NUMBERS = frozenset(number for number, _ in tables.rows("never_listed"))
_COUNTRY_CODES = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))


class Inside(NamedTuple):
    """A number inside what was dialled: its key, where it was found, whether its digits begin there."""

    key: int
    step: str
    sure: bool


def numbers_inside(text: str, area_codes: tuple[str, ...] = ()) -> Iterator[Inside]:
    """The numbers that may stand in a dialled text, the surest first; some are named more than once.

    `area_codes` are those that a number without one has here: behind another number it may be given so.

    A number is `sure` when it begins where digits of the text begin: behind a space, a sign, a letter, a
    dialling code or a whole number; and ends where they end, unless the UK's plan says where it ends. In the
    middle of a longer run it may be a coincidence.
    """
    decoded = without_percent_signs(plain(text)[0])
    runs = [(m.start(), m[0]) for m in _DIGITS.finditer(decoded)][:MOST_STARTS]
    yield from _of_runs([digits for _, digits in runs])
    if area_codes:
        yield from _local(_DIGITS.findall(STAR_CODE.sub(" ", decoded))[:MOST_STARTS], area_codes)
    context = _CONTEXT.search(decoded)
    if context is not None:
        country = "".join(_DIGITS.findall(context[1]))
        before = "".join(digits for at, digits in runs if at < context.start())
        whole = country + before.lstrip("0")
        yield Inside(int(whole[:LONGEST_E164] or "0"), f"country code +{country} taken from the link", True)
    looks_alike = decoded.translate(CONFUSABLE_MAP)
    if looks_alike != decoded and not decoded.isascii():
        yield from _of_runs(_DIGITS.findall(looks_alike)[:MOST_STARTS])


def with_trunk_mended(bare: str) -> Iterator[str]:
    """A number behind its country code, without the 0 it has or with the 0 it has not: (+39) 6 and 06."""
    length = next((n for n in (1, 2, 3) if bare[:n] in _COUNTRY_CODES), 0)
    if length:
        rest = bare[length:]
        yield bare[:length] + (rest.lstrip("0") if rest.startswith("0") else "0" + rest)
    if bare.startswith("35348"):  # from the Republic of Ireland, 048 reaches Northern Ireland (ComReg 15/136)
        yield "4428" + bare[5:]


def national_abroad(key: int) -> str:
    """A foreign number's digits without its country code and trunk 0; "" for the UK's and for no number.

    Most are the UK's, and every number of his own is asked for every call.
    """
    digits = str(key)
    if digits.startswith("44") or len(digits) > LONGEST_E164:
        return ""
    length = next((n for n in (1, 2, 3) if digits[:n] in _COUNTRY_CODES), 0)
    return digits[length:].lstrip("0") if length else ""


def _of_runs(runs: list[str]) -> Iterator[Inside]:
    digits = "".join(runs)
    starts, ends, at = set(), set(), 0
    for run in runs:
        starts.add(at)
        starts.update(at + length for length in (*_codes_before(run), *_whole_numbers_before(run)))
        at += len(run)
        ends.add(at)
    for match in _WHOLE_UK.finditer(digits):
        sure, national = match.start() in starts, match[1]
        if len(national) == PLAN_LENGTH:
            yield Inside(int("44" + national), "a whole number inside the digits given", sure)
        if match.start(1) + PLAN_LENGTH - 1 in ends:
            short = national[: PLAN_LENGTH - 1]
            yield Inside(int("44" + short), "a whole number inside the digits given", sure)
    for start in sorted(starts):
        for key, length in _abroad(digits[start : start + LONGEST_E164 + 5]):
            step = "a number with its country code inside the digits given"
            yield Inside(key, step, start + length in ends)
    at = 0
    for run in runs:
        if at > LONGEST_DIALLING_CODE and len(run) >= PLAN_LENGTH and run[0] not in "046":
            step = "a number without its leading 0 inside the digits given"
            yield Inside(int("44" + run[:PLAN_LENGTH]), step, True)
        at += len(run)


def _local(runs: list[str], area_codes: tuple[str, ...]) -> Iterator[Inside]:
    """Numbers without their area code right behind a whole one; an extension is shorter than these."""
    digits = "".join(runs)
    ends = set(accumulate(map(len, runs)))
    behind = {len(number) for number in _SHORT_NUMBERS if digits.startswith(number)}
    for match in _WHOLE_UK.finditer(digits):
        behind.update({match.end(1)} | {match.end(1) - 1} & ends)
    for start in sorted(behind):
        for code in area_codes:
            national = code[1:] + digits[start : start + PLAN_LENGTH - len(code) + 1]
            if len(national) == PLAN_LENGTH and start + PLAN_LENGTH - len(code) + 1 in ends:
                step = f"a number without its area code {code} inside the digits given"
                yield Inside(int("44" + national), step, True)


def _whole_numbers_before(run: str) -> Iterator[int]:
    """Digits of the whole UK numbers at the front of a run: where one ends the next may begin."""
    at = 0
    while (match := _WHOLE_UK.match(run, at)) and len(match[1]) == PLAN_LENGTH:
        at = match.end(1)
        yield at


def _codes_before(run: str) -> Iterator[int]:
    """Digits of the dialling codes at the front of a run, one behind the other."""
    at = 0
    while at < len(run) - SHORTEST_ABROAD:
        for pattern, code, _ in DIALLING_CODES:
            if code[0] not in "*#" and (found := pattern.match(run, at)):
                at = found.end()
                break
        else:
            if run[at] != "9":
                return
            at += 1
        yield at


def _abroad(digits: str) -> Iterator[tuple[int, int]]:
    """(key, digits it took) of the numbers with a country code that digits can begin with."""
    match = _ABROAD.match(digits)
    if match is None:
        return
    bare = match[1]
    for length in range(SHORTEST_ABROAD, min(len(bare), LONGEST_E164) + 1):
        yield int(bare[:length]), match.start(1) + length
    for mended in with_trunk_mended(bare):
        for length in range(SHORTEST_ABROAD, min(len(mended), LONGEST_E164) + 1):
            yield int(mended[:length]), match.start(1) + length + len(bare) - len(mended)
