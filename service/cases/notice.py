"""The letter that tells a prisoner: whom he must not contact, by name, and nothing else of hers.

It holds no number, no address, no reason, and not who asked. English, and Welsh beneath, which is still to be
checked by a translator.
"""

from __future__ import annotations

from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from service.cases.lettering import LATIN, fonts, is_brought, marked, missing

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


def printed(name: str, spelled: str = "") -> str | None:
    """The name as the letter has it; None where it has to be spelled in letters that are sure to be seen.

    What no typeface here has is left to the spelling alone; what only some readers of PDF show has it beside.
    """
    is_sure = bool(spelled) and not missing(spelled) and not is_brought(spelled)
    if missing(name):
        return spelled if is_sure else None
    if is_brought(name) and not any(one.isascii() and one.isalpha() for one in name):
        return f"{name} ({spelled})" if is_sure else None
    return name


def notice(prisoner: str, name: str, date: str) -> bytes:
    """The letter as PDF. `date` is as it is printed, and the name as `printed` gives it.

    Raises UnavailableError without its typefaces.
    """
    fonts()
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
        flow += [Paragraph(line.format(name=f"<b>{marked(name)}</b>"), body) for line in lines]
    paper.build(flow)
    return out.getvalue()
