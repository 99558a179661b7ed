"""The tour shows what it promises, gives no public case away, and fails when answers are wrong."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine.model import ReasonCode
from service import demonstration
from service.demonstration import tour
from service.demonstration.tour import meanings, score, screen_folder

REAL_NUMBER = "07700 900321"
REAL_WORDS = "meet behind the chapel"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, with no public cases beside it and a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tour, "PUBLIC_CASES", tmp_path / "absent")
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A public case of four attempts: two stopped, one not, one that cannot be read."""
    folder = tmp_path / "cases" / "calls"
    folder.mkdir(parents=True)
    contacts = [{"kind": "phone", "value": REAL_NUMBER}]
    restriction = {"id": "R1", "prisoner": "X1234BC", "protected": {"name": "N N"}, "contacts": contacts}
    (folder / "restrictions.jsonl").write_text(json.dumps(restriction) + "\n")
    told = {"channel": "message", "prisoner": "X1234BC", "to": "07700 900999"}
    attempts = [
        {"id": "1", "channel": "call", "prisoner": "X1234BC", "to": REAL_NUMBER},
        {"id": "2", **told, "body": f"{REAL_WORDS} {REAL_NUMBER}"},
        {"id": "3", **told, "body": REAL_WORDS},
        {"id": "4", "channel": "call", "to": REAL_NUMBER},
    ]
    (folder / "attempts.jsonl").write_text("".join(json.dumps(attempt) + "\n" for attempt in attempts))
    truths = [{"id": str(n), "expect": "stop", "kind": "same number"} for n in (1, 2, 3, 4)]
    (folder / "truth.jsonl").write_text("".join(json.dumps(truth) + "\n" for truth in truths))
    return folder


def test_the_tour_ends_well_and_shows_every_part(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tour.main() == 0
    text = capsys.readouterr().out
    for code in ReasonCode:
        assert code in text
    for shows in tour.EXPLAINED:
        assert shows in text
    assert "1,000 of 1,000 attempts were answered as expected." in text
    assert "Not present beside this checkout" in text


def test_the_tour_fits_a_plain_terminal(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tour.main()
    text = capsys.readouterr().out
    assert "\x1b" not in text
    # A command is left whole, so that it can be copied.
    page, _, _ = text.partition("Try it yourself")
    assert [line for line in page.splitlines() if len(line.rstrip()) > 80] == []


def test_its_three_commands_can_be_typed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tour.main()
    _, _, tail = capsys.readouterr().out.partition("Try it yourself")
    commands = re.findall(r"^\S*nocontact .*(?:\n  .*)*", tail, re.MULTILINE)
    assert len(commands) == 3
    paths = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    outputs = [
        subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True, env=paths).stdout
        for command in commands
    ]
    assert len((here / tour.FOLDER / "decisions.jsonl").read_text().splitlines()) == 1_000
    assert "BLOCK" in outputs[1]
    assert "RESTRICTED_NUMBER" in outputs[1]
    assert "FLAG" in outputs[2]


def test_the_tour_fails_when_an_answer_is_not_the_expected_one(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = demonstration.make()
    first = demonstration.Expected(made.expected[0].id, "allow", ReasonCode.PO_BOX, "a mistake")
    changed = made._replace(expected=[first, *made.expected[1:]])
    monkeypatch.setattr(demonstration, "make", lambda: changed)
    assert tour.main() == 1
    text = capsys.readouterr().out
    assert "999 of 1,000 attempts" in text
    assert "(a mistake): expected allow PO_BOX" in " ".join(text.split())


def test_a_public_case_is_scored_by_kind(case: Path) -> None:
    run = screen_folder(case)
    assert score(case, run.answers) == Counter(
        {
            ("stop", "same number", "block"): 1,
            ("stop", "same number", "flag"): 1,
            ("stop", "same number", "allow"): 1,
            ("stop", "same number", "missing"): 1,
        }
    )


def test_a_public_case_is_shown_in_percent_and_nothing_of_it_is_given_away(
    here: Path, case: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tour, "PUBLIC_CASES", case.parent)
    assert tour.main() == 0
    text = capsys.readouterr().out
    row = next(line for line in text.splitlines() if line.startswith("stop"))
    assert row.split() == ["stop", "same", "number", "4", "25.00", "25.00", "25.00", "25.00"]
    assert REAL_NUMBER not in text
    assert REAL_WORDS not in text


def test_every_reason_code_has_a_meaning_of_one_sentence() -> None:
    found = meanings()
    assert set(found) == set(ReasonCode)
    assert all(text.endswith(".") and "\n" not in text for text in found.values())
