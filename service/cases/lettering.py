"""Text for what is printed: each letter in a typeface that has it, Arabic joined, and from right to left.

The PDF library sets one glyph after another. So Arabic letters are put into the forms in which they join, and
what is read from right to left is put into the order in which it is seen; both by Unicode's own tables. What
cannot be set so that it is read is told by `missing`, and is never printed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from service.console.assets import BOLD, FOLDER, REGULAR
from service.errors import UnavailableError

LATIN = "DejaVuSans"
"""The typeface that is fetched with the console's, and is in the file."""
BROUGHT = {"STSong-Light": "gbk", "HYSMyeongJo-Medium": "cp949"}
"""Typefaces for Chinese and Japanese, and for Korean, that a reader of PDF brings; each with an encoding that
has its letters."""

_TATWEEL, _LAM = "\u0640", "\u0644"
_NOT_JOINED = "\u200c"
_HIDDEN = re.compile("[\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_FORM = re.compile(r"<(isolated|final|initial|medial)> ([0-9A-F ]+)")
_RIGHT_TO_LEFT = ("R", "AL")
_CLOSING = ")]}»"
_SIDES = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def marked(text: str) -> str:
    """A text as the mark-up of a paragraph; what is `missing` from it is left out."""
    fonts()
    return "".join(
        _escaped(run) if font == LATIN else f'<font name="{font}">{_escaped(run)}</font>'
        for font, run in _runs(_seen(text))
        if font
    )


def missing(text: str) -> str:
    """The letters that cannot be printed so that they are read, each once."""
    fonts()
    lost = (one for one in _tidy(text).replace(_NOT_JOINED, "") if _cannot_join(one) or _is_lost(one))
    return "".join(dict.fromkeys(lost))


def is_brought(text: str) -> bool:
    """Whether some of it is seen only where the reader of PDF brings the typeface."""
    fonts()
    return any(font in BROUGHT for font, _ in _runs(_seen(text)))


@cache
def fonts() -> None:
    """Have the typefaces. Raises UnavailableError."""
    if not all((FOLDER / name).exists() for name in (REGULAR, BOLD)):
        raise UnavailableError("the typefaces for letters are missing: `make assets` fetches them")
    pdfmetrics.registerFont(TTFont(LATIN, FOLDER / REGULAR))
    pdfmetrics.registerFont(TTFont(f"{LATIN}-Bold", FOLDER / BOLD))
    pdfmetrics.registerFontFamily(LATIN, normal=LATIN, bold=f"{LATIN}-Bold")
    for name in BROUGHT:
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def _tidy(text: str) -> str:
    return " ".join(_HIDDEN.sub("", unicodedata.normalize("NFC", text)).split())


def _seen(text: str) -> str:
    """The glyphs' characters in the order in which they stand on the line."""
    return _ordered(_joined(_tidy(text)).replace(_NOT_JOINED, ""))


def _is_lost(letter: str) -> bool:
    return any(_font_of(one) is None for one in _joined(letter))


@cache
def _font_of(letter: str) -> str | None:
    """The typeface for a character; None where none has it."""
    faces = (pdfmetrics.getFont(name).face.charToGlyph for name in (LATIN, f"{LATIN}-Bold"))
    if all(ord(letter) in face for face in faces):
        return LATIN
    for name, encoding in BROUGHT.items():
        try:
            letter.encode(encoding)
        except UnicodeEncodeError:
            continue
        return name
    return None


def _runs(text: str) -> Iterator[tuple[str | None, str]]:
    run, font = "", None
    for letter in text:
        of_letter = _font_of(letter)
        if run and of_letter != font:
            yield font, run
            run = ""
        run, font = run + letter, of_letter
    if run:
        yield font, run


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Of Arabic letters, and of lam with an alef, the forms in which they join: Unicode's blocks A and B."""
    found: dict[str, dict[str, str]] = {}
    for point in (*range(0xFE70, 0xFEFD), *range(0xFB50, 0xFBFF)):
        form = _FORM.fullmatch(unicodedata.decomposition(chr(point)))
        letters = "".join(chr(int(one, 16)) for one in form[2].split()) if form else ""
        if form and (len(letters) == 1 or letters[0] == _LAM) and " " not in letters:
            found.setdefault(letters, {}).setdefault(form[1], chr(point))
    return found


def _cannot_join(letter: str) -> bool:
    """Whether it is an Arabic letter of which Unicode has no such forms, as some of Sindhi and Pashto."""
    is_arabic = unicodedata.category(letter) == "Lo" and unicodedata.bidirectional(letter) == "AL"
    return is_arabic and unicodedata.name(letter, "").startswith("ARABIC LETTER") and letter not in _forms()


def _joined(text: str) -> str:
    """Arabic letters in the forms in which they join; the rest as it is."""
    forms, out = _forms(), list[str]()
    letters = [at for at, one in enumerate(text) if unicodedata.category(one) != "Mn"]
    before = ""  # the letter before it, where that one joins to what comes
    skipped = -1
    for at, one in enumerate(text):
        if at not in letters or at == skipped:
            out += [one] if at not in letters else []
            continue
        after = next((each for each in letters if each > at), None)
        following = text[after] if after is not None else ""
        if one == _LAM and one + following in forms and after is not None:
            own, skipped, following, key = forms[one + following], after, "", one + following
        else:
            own, key = forms.get(one, {}), one
        from_before = bool(before) and ("final" in own or one == _TATWEEL)
        to_after = _joins_on(key) and ("final" in forms.get(following, {}) or following == _TATWEEL)
        name = ("isolated", "final", "initial", "medial")[from_before + 2 * to_after]
        out.append(own.get(name, one))
        before = one if _joins_on(key) else ""
    return "".join(out)


def _joins_on(letters: str) -> bool:
    return letters == _TATWEEL or "initial" in _forms().get(letters, {})


def _ordered(text: str) -> str:
    """What is read from right to left turned round, with blanks that do not break the line."""
    kinds = [unicodedata.bidirectional(one) for one in text]
    out, at = "", 0
    while at < len(text):
        if kinds[at] not in _RIGHT_TO_LEFT:
            out, at = out + text[at], at + 1
            continue
        end = last = at
        while end < len(text) and kinds[end] != "L":
            last = end if kinds[end] in (*_RIGHT_TO_LEFT, "NSM", "EN", "AN") else last
            end += 1
        while last + 1 < len(text) and text[last + 1] in _CLOSING:
            last += 1
        out += "".join(reversed(_clusters(text[at : last + 1]))).replace(" ", "\N{NO-BREAK SPACE}")
        at = last + 1
    return out


def _clusters(text: str) -> list[str]:
    """What stays in its order: a letter with its marks, a number."""
    found: list[str] = []
    for one in text:
        is_mark = unicodedata.category(one) == "Mn"
        is_next_digit = one.isdigit() and bool(found) and found[-1][-1].isdigit()
        if found and (is_mark or is_next_digit):
            found[-1] += one
        else:
            found.append(one.translate(_SIDES))
    return found


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
