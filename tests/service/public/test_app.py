"""The public form from its first page to the sealed file, as a browser without script has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.public.asked import Asked, Asker, Evidence, Protected, Sought
from tests.service.public.visiting import CONTINUING, SELF, Desk, Visitor


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "intake")


def test_a_request_for_oneself_arrives_sealed(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*SELF)
    visitor.press("send")
    (asked,) = desk.taken()
    assert asked.reference in visitor.text
    assert asked == Asked(
        reference=asked.reference,
        at="2026-11-30T09:30:00Z",
        kind="stop",
        asker=Asker(
            who="self",
            name="Rhoswen Tallantyre",
            email="rhoswen@example.com",
            safely="Only on weekdays\nbefore noon",
        ),
        sought=Sought(name="Osric Pellow", number="A1234BC", prison="Ambermouth", born="1985-04-03"),
        person=Protected(
            name="Rhoswen Tallantyre",
            aliases=("Rose Pellow",),
            addresses=("14 Larkmead Street\nAmbermouth\nZZ1 4AB",),
            numbers=("07700 900123",),
        ),
        court_order="Non-molestation, until May",
        how=("letter", "call"),
        urgency="soon",
    )


def test_a_report_brings_its_files_as_they_are(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*CONTINUING)
    visitor.press("evidence")
    letter = bytes(range(256)) * 8_000
    visitor.press("send", files=[("letter.jpg", letter), ("../x\n.pdf", b"%PDF")])
    (asked,) = desk.taken()
    assert asked.kind == "continuing"
    assert asked.evidence[0] == Evidence(name="letter.jpg", content=letter)
    assert asked.evidence[1].content == b"%PDF"
    assert asked.person.agrees == "unsure"
    assert "Files that arrived: 2" in visitor.text
