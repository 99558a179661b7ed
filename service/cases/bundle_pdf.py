"""A bundle as PDF, for who reads it on paper. What is proved is the JSON beside it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate

from service.cases.bundle import READERS, Bundle, digest
from service.cases.lettering import LATIN, fonts, marked, missing

LONGEST = 3_000
"""Characters of one paragraph: the library breaks no longer one over pages in good time."""
HEADINGS = {"versions", "restriction", "decisions", "files", "asked", "listed", "steps", "holds"}
"""What begins a part of its own."""
TITLES = {
    "versions": "The case, version by version",
    "restriction": "The restriction behind it, version by version",
    "decisions": "What was stopped",
    "files": "Files that came with it",
    "asked": "What was asked",
    "listed": "What is listed",
    "steps": "What became of it",
    "holds": "The restriction behind it",
}
_BESIDE = {"format", "for", "left_out"}


def as_pdf(bundle: Bundle) -> bytes:
    """The same as the JSON, in words. Raises UnavailableError without its typefaces."""
    fonts()
    body = ParagraphStyle("body", fontName=LATIN, fontSize=9.5, leading=13.5, spaceAfter=2)
    head = ParagraphStyle("head", parent=body, fontSize=15, leading=20, spaceBefore=10, spaceAfter=6)
    part = ParagraphStyle("part", parent=head, fontSize=12, leading=16)
    contents = bundle.contents
    flow = [Paragraph(f"Case {marked(contents['case'])}", head)]
    flow.append(Paragraph(f"{marked(READERS[contents['for']])}.", body))
    for title, depth, text in _lines(contents):
        if title:
            flow.append(Paragraph(marked(text), part))
            continue
        style = ParagraphStyle("line", parent=body, leftIndent=4 * mm * min(depth, 6))
        flow += [Paragraph(_printable(piece), style) for piece in _pieces(text)]
    if contents["left_out"]:
        flow.append(Paragraph("What is left out", part))
        flow += [Paragraph(marked(one), body) for one in contents["left_out"]]
    flow.append(Paragraph("How it is proved", part))
    flow += [Paragraph(marked(one), body) for one in _proved(bundle)]
    out = BytesIO()
    margin = 20 * mm
    paper = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
        title=f"Case {contents['case']}",
        author="",
        invariant=1,
    )
    paper.build(flow)
    return out.getvalue()


def _lines(contents: dict[str, Any]) -> Iterator[tuple[bool, int, str]]:
    """Whether it is the title of a part, how deep it stands, and the text."""
    for name, value in contents.items():
        if name in _BESIDE:
            continue
        if name in HEADINGS:
            yield True, 0, TITLES[name]
            yield from _told("", value, 0) if value else [(False, 0, "None.")]
        else:
            yield from _told(name, value, 0)


def _told(name: str, value: Any, depth: int) -> Iterator[tuple[bool, int, str]]:
    label = name.replace("_", " ").capitalize()
    if isinstance(value, dict):
        if label:
            yield False, depth, f"{label}:"
        for key, one in value.items():
            yield from _told(str(key), one, depth + bool(label))
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for number, one in enumerate(value, 1):
            yield False, depth, f"{label or 'Number'} {number}"
            yield from _told("", one, depth + 1)
    elif value not in (None, "", [], False):
        said = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield False, depth, f"{label}: {'yes' if value is True else said}"


def _pieces(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for start in range(0, len(line), LONGEST):
            yield line[start : start + LONGEST]


def _printable(text: str) -> str:
    lost = missing(text)
    return marked(text.translate(dict.fromkeys(map(ord, lost), "\N{REPLACEMENT CHARACTER}")))


def _proved(bundle: Bundle) -> Iterator[str]:
    own = bundle.proofs[-1]
    yield f"The ledger’s record {own.record['seq']} says when this was made, and its SHA-256:"
    yield digest(bundle.contents)
    yield (
        "bundle.json has the same as this paper, that record, and the proofs that they are under the "
        "signature of the ledger. scripts/check_proof.py, which needs nothing of the service, checks it. A "
        "letter that cannot be printed stands here as \N{REPLACEMENT CHARACTER}, and as it is in bundle.json."
    )
    yield from own.checkpoint.splitlines()[:3]
