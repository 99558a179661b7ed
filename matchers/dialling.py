"""What is dialled around a number: links, percent signs, star and dialling codes, extensions.

Each function takes one layer off a text and tells what it took off in `steps`.
"""

import re

from matchers import tables

MOST_STEPS = 20
"""Steps after which no further code is taken off the front: nobody dials so many before a number."""
LONGEST_DIALLING_CODE = 5
"""Digits of the longest code that is dialled before a number (18xxx)."""

DIALLING_CODES = [
    (re.compile(re.escape(code).replace("x", r"\d")), code, meaning)
    for code, meaning in sorted(tables.rows("dialling_codes"), key=lambda row: (-len(row[0]), "x" in row[0]))
]
"""Pattern, code as the table writes it, and what it does; the longest first."""

_URI = re.compile(r"\s*<?\s*(tel|sips?|callto|sms|whatsapp|facetime):(?://)?", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?<=[\d\s().,])(?:;\s*(?:ext|postd|isub)\s*=|e?xt(?:ensio|e)?n?\.?\s*:?|x|#|pause|wait)(?=[\s\d.:#*,(]|$)"
    r"|;\s*(?:ext|postd)\s*=",
    re.IGNORECASE,
)
STAR_CODE = re.compile(r"[*#]{1,2}\d{2,3}[*#]|\*(?:67|82)(?=\D*\d{5})")
_NON_DIGIT = re.compile(r"\D", re.ASCII)


def without_uri(text: str, steps: list[str]) -> str:
    """The number inside a tel:, sip: or chat link; its ;ext= is kept, its phone-context put in front."""
    scheme = _URI.match(text)
    if scheme is None:
        link = re.match(r"\s*(?:https?://)?(?:www\.)?(?:wa\.me|api\.whatsapp\.com/send\?phone=)/?", text)
        if link is None:
            return text
        steps.append("link removed")
        return "+" + text[link.end() :].lstrip("+/")
    steps.append(f"{scheme[1].lower()}: link removed")
    body = text[scheme.end() :]
    user, at, _host = body.partition("@")
    number, *parameters = (user if at else body).split("?")[0].split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        name = name.strip().lower()
        if name == "phone-context" and value.startswith("+"):
            steps.append(f"country code {value} taken from the link")
            number = value + number.lstrip("0")
        elif name in ("ext", "postd"):
            number += f";ext={value}"
    return number


def without_extension(text: str) -> tuple[str, str]:
    """Cut at the first word or sign for an extension that stands behind a digit: (stem, tail's digits)."""
    for mark in _EXTENSION.finditer(text):
        if sum(map(str.isdigit, text[: mark.start()])) > LONGEST_DIALLING_CODE:
            return text[: mark.start()], _NON_DIGIT.sub("", text[mark.end() :])
    return text, ""


def without_star_code(text: str, steps: list[str]) -> str:
    """Without a service code such as *31# or #31# at the front, alone or behind a dialling code."""
    star = STAR_CODE.search(text)
    if star is None or len(_NON_DIGIT.sub("", text[: star.start()])) > LONGEST_DIALLING_CODE:
        return text.lstrip("*# ") if text.lstrip().startswith(("*", "#")) else text
    code = star[0]
    meaning = next((m for pattern, _, m in DIALLING_CODES if pattern.fullmatch(code)), "service code")
    steps.append(f"dialling code {code} removed ({meaning})")
    return text[: star.start()] + " " + text[star.end() :]


def without_codes_before_plus(text: str, steps: list[str]) -> str:
    """From the + on, where nothing stands before it but codes: "141 +353 ...", "9 141 +1 ..."."""
    head, plus, rest = text.rpartition("+")
    if not plus or not head or not any(map(str.isdigit, rest)):
        return text
    left = _NON_DIGIT.sub("", head)
    taken: list[str] = []
    while left and len(taken) < MOST_STEPS:
        for pattern, code, meaning in DIALLING_CODES:
            if code[0] not in "*#" and (found := pattern.match(left)):
                left = left[found.end() :]
                taken.append(f"dialling code {found[0]} removed ({meaning})")
                break
        else:
            if left[0] != "9":
                return text
            left = left[1:]
            taken.append("outside-line 9 removed")
    if left or not taken:
        return text
    steps.extend(taken)
    return "+" + rest
