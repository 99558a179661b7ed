"""Nodes by command: enrolled once, shown, and withdrawn."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.canaries.asking import read_settings
from service.cli.main import app
from tests.service.databases import MASTER, sqlite_in


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a database."""
    database = sqlite_in(tmp_path)
    database.close()
    monkeypatch.setenv("NOCONTACT_KEY", base64.b64encode(MASTER).decode())
    return tmp_path


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--data", str(data)])


def test_a_node_is_enrolled_shown_and_withdrawn(data: Path) -> None:
    made = run(data, "node-add", "leeds-1", "--prison", "LEI", "--centre", "https://nocontact.example/")
    assert made.exit_code == 0, made.output
    enrolment = json.loads(made.stdout)
    assert enrolment["centre"] == "https://nocontact.example"
    assert enrolment["token"].startswith("nck_leeds-1_")
    shown = run(data, "nodes")
    (line,) = map(json.loads, shown.stdout.splitlines())
    assert (line["name"], line["prison"], line["heard"]) == ("leeds-1", "LEI", None)
    assert enrolment["token"] not in shown.stdout
    assert run(data, "node-withdraw", "leeds-1").exit_code == 0
    assert run(data, "nodes").stdout == ""


def test_what_cannot_be_done_is_said_in_a_line(data: Path) -> None:
    for words, said in (
        (("node-add", "leeds-1", "--prison", "LEI"), "--centre"),
        (("node-add", "Leeds", "--prison", "LEI", "--centre", "https://nocontact.example"), "a-z"),
        (("node-withdraw", "leeds-9"), "no such node"),
    ):
        failed = run(data, *words)
        assert failed.exit_code == 2
        assert said in failed.stderr


def test_a_canary_is_made_with_the_file_that_asks_about_it(data: Path, tmp_path: Path) -> None:
    points = ("--number", "07700 900901", "--beside", "07700 900902")
    made = run(data, "canary-add", "LEI", *points, "--address", "5 Ryecroft Avenue, Barrowhythe, LS2 9AB")
    assert made.exit_code == 0, made.output
    file = tmp_path / "canaries.toml"
    file.write_text(made.stdout)
    canary = read_settings(file).canary
    assert (canary.prison, canary.prisoner, canary.number) == ("LEI", "Z0001QQ", "07700 900901")
    file.write_text(made.stdout + "\n[moon]\n")
    failed = CliRunner().invoke(app, ["canaries", str(file)])
    assert failed.exit_code == 2
    assert "moon" in failed.stderr
    wrong = run(data, "canary-add", "LEI", *points, "--address", "nowhere")
    assert (wrong.exit_code, "number and street" in wrong.stderr) == (2, True)
