"""The letter that tells a prisoner: whom he must not contact, by name, and nothing else of hers.

It holds no number, no address, no reason, and not who asked. English, and Welsh beneath, which is still to be
checked by a translator.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from service.console.assets import BOLD, FOLDER, REGULAR
from service.errors import UnavailableError

LATIN, OTHER = "DejaVuSans", "STSong-Light"
"""Typefaces: one that is fetched with the console's, and one that readers of PDF bring for Chinese."""

ENGLISH = (
    "You must not contact this person",
    "There is a request that you do not contact {name}, and the prison has agreed to it.",
    "You must not telephone, write to or send messages to this person, and you must not ask anybody else "
    "to do so for you. Calls, letters and messages to this person are stopped.",
    "If you break this it will be looked into. It may be reported to the police.",
    "If you think that this is a mistake, or if you need to contact this person for a legal reason, speak to "
    "a member of staff.",
)
WELSH = (
    "Ni chewch gysylltu â’r person hwn",
    "Mae cais wedi’i wneud na ddylech gysylltu â {name}, ac mae’r carchar wedi cytuno iddo.",
    "Ni chewch ffonio, ysgrifennu at na anfon negeseuon at y person hwn, ac ni chewch ofyn i neb arall wneud "
    "hynny ar eich rhan. Caiff galwadau, llythyrau a negeseuon at y person hwn eu hatal.",
    "Os torrwch hyn, bydd yn cael ei ymchwilio. Gellir rhoi gwybod i’r heddlu.",
    "Os ydych yn credu bod hyn yn gamgymeriad, neu os oes angen i chi gysylltu â’r person hwn am reswm "
    "cyfreithiol, siaradwch ag aelod o staff.",
)


def notice(prisoner: str, name: str, date: str) -> bytes:
    """The letter as PDF. `date` is as it is printed. Raises UnavailableError without its typefaces."""
    _fonts()
    out = BytesIO()
    paper = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=25 * mm,
        title="Notice",
        author="",
        invariant=1,
    )
    body = ParagraphStyle("body", fontName=LATIN, fontSize=11.5, leading=17, spaceAfter=8)
    head = ParagraphStyle("head", parent=body, fontSize=16, leading=22, spaceBefore=14, spaceAfter=10)
    flow = [Paragraph(f"{prisoner}<br/>{date}", body), Spacer(1, 6 * mm)]
    for title, *lines in (ENGLISH, WELSH):
        flow.append(Paragraph(title, head))
        flow += [Paragraph(line.format(name=f"<b>{_marked(name)}</b>"), body) for line in lines]
    paper.build(flow)
    return out.getvalue()


def _marked(name: str) -> str:
    """A name for a paragraph: its letters as they are, each in a typeface that has it."""
    return "".join(
        f'<font name="{OTHER}">{_escaped(text)}</font>' if foreign else _escaped(text)
        for foreign, text in _runs(" ".join(name.split()))
    )


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    known = pdfmetrics.getFont(LATIN).face.charToGlyph
    run, foreign = "", False
    for letter in text:
        is_foreign = ord(letter) not in known
        if run and is_foreign is not foreign:
            yield foreign, run
            run = ""
        run, foreign = run + letter, is_foreign
    if run:
        yield foreign, run


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@cache
def _fonts() -> None:
    if not all((FOLDER / name).exists() for name in (REGULAR, BOLD)):
        raise UnavailableError("the typefaces for letters are missing: `make assets` fetches them")
    pdfmetrics.registerFont(TTFont(LATIN, FOLDER / REGULAR))
    pdfmetrics.registerFont(TTFont(f"{LATIN}-Bold", FOLDER / BOLD))
    pdfmetrics.registerFontFamily(LATIN, normal=LATIN, bold=f"{LATIN}-Bold")
    pdfmetrics.registerFont(UnicodeCIDFont(OTHER))
