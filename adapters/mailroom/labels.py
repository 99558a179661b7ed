"""A label for a letter that is held: what to do with it, and its name as text and code. Nothing it says.

Everybody who walks by can read it: it bears no address, no name and no prisoner number.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from adapters.mailroom.barcodes import own_label
from engine import dates
from engine.model import Verdict

SIZE = (100 * mm, 62 * mm)
"""Of the rolls that desktop label printers take."""
WORDS: dict[Verdict, str] = {"block": "STOPPED", "flag": "HELD", "allow": "MAY GO"}


def label_pdf(item: str, decision: Verdict, when: datetime, prison: str | None) -> bytes:
    """One page of 100 x 62 mm, in black alone; the same bytes for the same letter."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=SIZE, invariant=1)
    canvas.setTitle(f"Label {item}")
    _shape(canvas, decision)
    canvas.setFont("Helvetica-Bold", 25)
    canvas.drawString(25 * mm, 46 * mm, WORDS[decision])
    canvas.setFont("Courier-Bold", 13)
    canvas.drawString(6 * mm, 32 * mm, " ".join(item[place : place + 4] for place in range(0, len(item), 4)))
    canvas.setFont("Helvetica", 11)
    local = when.astimezone(dates.UK)
    canvas.drawString(6 * mm, 22 * mm, f"{local.day} {local:%B %Y}, {local:%H:%M}")
    canvas.drawString(6 * mm, 15 * mm, f"Prison: {prison or 'not known'}")
    canvas.drawString(6 * mm, 8 * mm, "Ask the security office.")
    _code(canvas, own_label(item))
    canvas.save()
    return out.getvalue()


def _shape(canvas: Canvas, decision: Verdict) -> None:
    """An octagon, a triangle or a circle, which need no colour."""
    x, y, radius = 14 * mm, 49 * mm, 7 * mm
    if decision == "allow":
        canvas.circle(x, y, radius, fill=1)
        return
    path = canvas.beginPath()
    octagon = [(0.41, 1), (1, 0.41), (1, -0.41), (0.41, -1), (-0.41, -1), (-1, -0.41), (-1, 0.41), (-0.41, 1)]
    corners = octagon if decision == "block" else [(0, 1), (1, -0.8), (-1, -0.8)]
    path.moveTo(x + corners[0][0] * radius, y + corners[0][1] * radius)
    for across, up in corners[1:]:
        path.lineTo(x + across * radius, y + up * radius)
    path.close()
    canvas.drawPath(path, fill=1)


def _code(canvas: Canvas, text: str) -> None:
    side = 34 * mm
    widget = QrCodeWidget(text, barLevel="M")
    left, bottom, right, top = widget.getBounds()
    drawing = Drawing(side, side, transform=[side / (right - left), 0, 0, side / (top - bottom), 0, 0])
    drawing.add(widget)
    renderPDF.draw(drawing, canvas, SIZE[0] - side - 2 * mm, 2 * mm)
