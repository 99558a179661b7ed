"""A file of attempts is answered as the service would answer them one after the other."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

from engine.blocklist import compile_blocklist
from engine.model import ConfidentialEntry, Contact, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from matchers import tables
from service.cli.screening import load_blocklist, screen

RESTRICTION = Restriction(
    id="R1",
    prisoner="A1234BC",
    protected=ProtectedPerson(name="Rhoswen Tallantyre"),
    contacts=(Contact(kind="phone", value="07700 900123"),),
)
SOLICITOR = ConfidentialEntry(
    name="Harrow & Pike", kind="solicitor", contacts=(Contact(kind="phone", value="020 7946 0123"),)
)


def answers(*messages: tuple[str, str]) -> list[str]:
    """The decisions on messages, each a recipient and a body, by one prisoner."""
    lines = [
        {"id": f"M{n}", "channel": "message", "prisoner": "B2345CD", "to": to, "body": body}
        for n, (to, body) in enumerate(messages)
    ]
    file = io.BytesIO("\n".join(map(json.dumps, lines)).encode())
    screener = Screener(compile_blocklist([RESTRICTION], [SOLICITOR]), read_policy())
    return [
        json.loads(answer)["decision"]
        for answer, _ in screen(screener, file, datetime(2026, 3, 1, tzinfo=UTC))
    ]


def test_a_number_split_over_two_texts_is_found_however_their_recipient_is_written() -> None:
    assert answers(("07700 900456", "first 07700"), ("+44 7700 900456", "then 900123")) == ["allow", "flag"]
    assert answers(("a@example.org", "first 07700"), ("A@Example.org", "then 900123")) == ["allow", "flag"]
    assert answers(("07700 900456", "first 07700"), ("07700 900457", "then 900123")) == ["allow", "allow"]


def test_what_goes_to_a_solicitor_is_no_part_of_a_split_number() -> None:
    decided = answers(("020 7946 0123", "first 07700"), ("+44 20 7946 0123", "then 900123"))
    assert decided == ["allow", "allow"]


def test_whose_a_public_bodys_contact_point_is_stands_in_a_note_and_it_holds(tmp_path: Path) -> None:
    prison, number = next((whose, number) for _, whose, number in tables.rows("public_numbers"))
    contacts = [
        {"kind": "phone", "value": number},
        {"kind": "email", "value": "rhoswen@ambershire.police.uk"},
        {"kind": "phone", "value": "07700 900123"},
    ]
    line = {"id": "R1", "prisoner": "A1234BC", "protected": {"name": "Rhoswen"}, "contacts": contacts}
    file = tmp_path / "list.jsonl"
    file.write_text(json.dumps(line))
    loaded = load_blocklist(file)
    assert loaded.errors == []
    assert loaded.notes == [
        f"list.jsonl line 1: contacts[{n}].value: it is of {whose}: make sure that it is meant"
        for n, whose in enumerate((prison, "the police"))
    ]
    assert len(loaded.blocklist.restricted) == 1
