"""The command as a person runs it: files in, lines out."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from service.cli.main import app
from service.storage.lines import LONGEST_LINE

RESTRICTION: dict[str, Any] = {
    "id": "R1",
    "prisoner": "A1234BC",
    "protected": {"name": "Sarah Jane Jones", "aliases": ["Sally Jones"]},
    "contacts": [
        {"kind": "phone", "value": "07700 900123"},
        {"kind": "address", "value": "Flat 2, 10 Alderbirch Street, Leeds LS1 4AB"},
    ],
}


def call(identifier: str, to: str, **more: Any) -> dict[str, Any]:
    return {"id": identifier, "channel": "call", "prisoner": "B2345CD", "to": to, **more}


TERMINAL = {"COLUMNS": "100", "NO_COLOR": "1"}


class Said(NamedTuple):
    """What came of a command."""

    returncode: int
    stdout: bytes
    stderr: bytes


def nocontact(*arguments: str | Path) -> Said:
    run = CliRunner().invoke(app, [str(argument) for argument in arguments], env=TERMINAL)
    assert run.exception is None or isinstance(run.exception, SystemExit), run.exception
    return Said(run.exit_code, run.stdout_bytes, run.stderr_bytes)


def nocontact_as_a_process(*arguments: str | Path, stdin: bytes = b"") -> Said:
    command = [sys.executable, "-c", "from service.cli.main import main; main()", *map(str, arguments)]
    run = subprocess.run(command, input=stdin, capture_output=True, timeout=120, env=os.environ | TERMINAL)
    return Said(run.returncode, run.stdout, run.stderr)


def write(path: Path, lines: list[Any]) -> Path:
    encoded = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
    path.write_bytes(b"\n".join(encoded) + b"\n")
    return path


@pytest.fixture
def restrictions(tmp_path: Path) -> Path:
    return write(tmp_path / "restrictions.jsonl", [RESTRICTION])


def decisions(run: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_attempts_are_answered_in_their_order(restrictions: Path, tmp_path: Path) -> None:
    attempts = write(tmp_path / "a.jsonl", [call("C1", "07700 900456"), call("C2", "141 07700 900123")])
    run = nocontact("screen", "--restrictions", restrictions, attempts)
    assert run.returncode == 0, run.stderr
    assert [(d["id"], d["decision"], d["action"]) for d in decisions(run)] == [
        ("C1", "allow", "connect"),
        ("C2", "block", "refuse"),
    ]
    reason = decisions(run)[1]["reasons"][0]
    assert (reason["code"], reason["restriction"], reason["score"]) == ("RESTRICTED_NUMBER", "R1", 1.0)
    assert (reason["given"], reason["listed"]) == ("141 07700 900123", "07700 900123")
    assert "dialling code 141 removed" in reason["steps"][0]
    assert decisions(run)[1]["blocklist"].startswith("sha256:")


def test_standard_input_is_read_and_the_register_counts(restrictions: Path, tmp_path: Path) -> None:
    entry = {"name": "Samaritans", "kind": "helpline", "contacts": [{"kind": "phone", "value": "116 123"}]}
    register = write(tmp_path / "register.jsonl", [entry])
    attempt = json.dumps(call("C1", "116 123")).encode()
    run = nocontact_as_a_process("screen", "-r", restrictions, "--confidential", register, "-", stdin=attempt)
    assert run.returncode == 0
    assert decisions(run)[0]["confidential"] is True


def test_a_wrong_line_gets_an_error_in_its_place_and_nothing_else_is_lost(
    restrictions: Path, tmp_path: Path
) -> None:
    wrong: list[Any] = [
        b"{not json",
        call("C2", "07700 900123", colour="blue"),
        {**call("C3", "07700 900123"), "prisoner": "12"},
        call("C4", "07700 900123", at="2026-02-30"),
        b'{"id": "\xff"}',
        b"x" * (10 << 20),
        b"",
        call("C1", "07700 900123"),
    ]
    lines = [call("C1", "07700 900123"), *wrong, call("C9", "07700 900123")]
    attempts = write(tmp_path / "a.jsonl", lines)
    run = nocontact("screen", "-r", restrictions, attempts)
    answers = decisions(run)
    assert run.returncode == 1
    assert len(answers) == len(lines)
    assert answers[0]["decision"] == answers[-1]["decision"] == "block"
    assert [a["line"] for a in answers[1:-1]] == list(range(2, 2 + len(wrong)))
    named = ["JSON", "colour", "prisoner", "at", "UTF-8", f"{LONGEST_LINE:,} bytes", "empty line", "line 1"]
    for answer, word in zip(answers[1:-1], named, strict=True):
        assert word in answer["error"]
        assert "900123" not in answer["error"]


def test_a_wrong_restriction_leaves_the_others_in_force_and_allows_nothing(tmp_path: Path) -> None:
    lines = [b"{", RESTRICTION, {**RESTRICTION, "id": "R2", "prisoner": "x"}]
    restrictions = write(tmp_path / "restrictions.jsonl", lines)
    attempts = write(tmp_path / "a.jsonl", [call("C1", "07700 900123"), call("C2", "07700 900456")])
    run = nocontact("screen", "-r", restrictions, attempts)
    assert run.returncode == 1
    assert [d["decision"] for d in decisions(run)] == ["block", "flag"]
    assert decisions(run)[1]["reasons"][0]["code"] == "STALE_BLOCKLIST"
    complaints = run.stderr.decode()
    assert "restrictions.jsonl line 1" in complaints
    assert "restrictions.jsonl line 3: prisoner" in complaints


def test_two_restrictions_of_one_id_are_both_in_force_and_reported(tmp_path: Path) -> None:
    second = {**RESTRICTION, "contacts": [{"kind": "phone", "value": "07700 900456"}]}
    restrictions = write(tmp_path / "restrictions.jsonl", [RESTRICTION, second])
    attempts = write(
        tmp_path / "a.jsonl",
        [call("C1", "07700 900123"), call("C2", "07700 900456"), call("C3", "07700 900789")],
    )
    run = nocontact("screen", "-r", restrictions, attempts)
    assert run.returncode == 1
    assert [d["decision"] for d in decisions(run)] == ["block", "block", "allow"]
    assert "line 2: id: the same as on line 1" in run.stderr.decode()


@pytest.mark.parametrize("empty", ["restrictions", "attempts"])
def test_an_empty_file_is_said_to_be_empty_and_allows_nothing(
    empty: str, restrictions: Path, tmp_path: Path
) -> None:
    attempts = write(tmp_path / "a.jsonl", [call("C1", "07700 900456")])
    (restrictions if empty == "restrictions" else attempts).write_bytes(b"")
    run = nocontact("screen", "-r", restrictions, attempts)
    assert run.returncode == 1
    assert all(d["decision"] == "flag" for d in decisions(run))
    assert ("no restriction in it" if empty == "restrictions" else "no attempt in it") in run.stderr.decode()


@pytest.mark.parametrize("missing", ["restrictions", "attempts"])
def test_a_missing_file_is_named(missing: str, restrictions: Path, tmp_path: Path) -> None:
    attempts = write(tmp_path / "a.jsonl", [call("C1", "07700 900456")])
    (restrictions if missing == "restrictions" else attempts).unlink()
    run = nocontact("screen", "-r", restrictions, attempts)
    assert run.returncode == 2
    assert "No such file" in run.stderr.decode()
    assert run.stdout == b""


def test_a_wrong_policy_or_time_is_refused(restrictions: Path, tmp_path: Path) -> None:
    attempts = write(tmp_path / "a.jsonl", [call("C1", "07700 900456")])
    policy = tmp_path / "policy.toml"
    policy.write_text("[reasons]\nNEAR_NUMBER = 'maybe'\n")
    assert b"policy:" in nocontact("screen", "-r", restrictions, "--policy", policy, attempts).stderr
    assert b"--at" in nocontact("screen", "-r", restrictions, "--at", "noon", attempts).stderr


def test_a_byte_order_mark_and_windows_line_ends_are_no_errors(restrictions: Path, tmp_path: Path) -> None:
    attempts = tmp_path / "a.jsonl"
    body = (
        json.dumps(call("C1", "07700 900123")) + "\r\n" + json.dumps(call("C2", "07700 900456")) + "\r\n\r\n"
    )
    attempts.write_bytes(b"\xef\xbb\xbf" + body.encode())
    run = nocontact("screen", "-r", restrictions, attempts)
    assert run.returncode == 0, run.stdout
    assert [d["decision"] for d in decisions(run)] == ["block", "allow"]


def test_a_number_split_over_messages_to_one_recipient_is_found(restrictions: Path, tmp_path: Path) -> None:
    def message(identifier: str, to: str, body: str) -> dict[str, Any]:
        return {"id": identifier, "channel": "message", "prisoner": "B2345CD", "to": to, "body": body}

    attempts = write(
        tmp_path / "a.jsonl",
        [
            message("M1", "07700 900456", "first part 07700"),
            message("M2", "07700 900789", "to somebody else 900123"),
            message("M3", "+44 7700 900456", "and then 900123"),
        ],
    )
    run = nocontact("screen", "-r", restrictions, attempts)
    assert [d["decision"] for d in decisions(run)] == ["allow", "allow", "flag"]
    assert "earlier messages" in " ".join(decisions(run)[2]["reasons"][0]["steps"])


def test_an_attempt_is_explained_to_a_person(restrictions: Path) -> None:
    run = nocontact(
        "explain",
        "-r",
        restrictions,
        "--call",
        "141 07700 900123",
        "--prisoner",
        "A1234BC",
        "--establishment",
        "LEI",
    )
    shown = run.stdout.decode()
    assert run.returncode == 0
    for word in ("BLOCK", "refuse", "+447700900123", "RESTRICTED_NUMBER", "dialling code 141 removed", "R1"):
        assert word in shown


def test_a_letter_is_explained_by_its_parts(restrictions: Path) -> None:
    letter = r"S Jones\nFlat 2\n10 Alderbirch St\nLeeds LS1 4AB"
    shown = nocontact(
        "explain", "-r", restrictions, "--letter", letter, "--prisoner", "A1234BC"
    ).stdout.decode()
    for word in ("BLOCK", "ALDERBIRCH STREET", "LS1 4AB", "RESTRICTED_ADDRESS"):
        assert word in shown


def test_explain_says_what_is_missing(restrictions: Path) -> None:
    run = nocontact("explain", "-r", restrictions, "--call", "07700 900123")
    assert run.returncode == 2
    assert "prisoner: required for a call" in run.stderr.decode()


def test_two_addresses_are_shown_field_by_field_with_marks(restrictions: Path) -> None:
    letter = r"S Jones\nFlat 2\n10 Alderbich St\nLeeds LS1 4AB"
    shown = nocontact(
        "explain", "-r", restrictions, "--letter", letter, "--prisoner", "A1234BC"
    ).stdout.decode()
    street = next(
        n for n, text in enumerate(shown.splitlines()) if "ALDERBICH STREET" in text and "ALDERBIRCH" in text
    )
    listed_at = shown.splitlines()[street].index("ALDERBIRCH")
    assert shown.splitlines()[street + 1][listed_at:].startswith(" " * 7 + "^")


def test_a_restriction_can_be_asked_why_not(restrictions: Path) -> None:
    letter = r"T Brown\nFlat 3\n10 Alderbirch Street\nLeeds LS1 4AB"
    run = nocontact(
        "explain", "-r", restrictions, "--letter", letter, "--prisoner", "B2345CD", "--against", "R1"
    )
    shown = " ".join(run.stdout.decode().split())
    for words in ("ALLOW", "does not name this prisoner", "flats differ", "another door"):
        assert words in shown
    assert "with the listed number it would be: the same door" in shown


def test_an_unknown_restriction_cannot_be_asked(restrictions: Path) -> None:
    run = nocontact(
        "explain", "-r", restrictions, "--call", "07700 900123", "--prisoner", "B2345CD", "--against", "R9"
    )
    assert run.returncode == 2
    assert "no restriction R9" in run.stderr.decode()
