"""The demonstration shows every reason, comes out as expected, touches nobody real; the documents agree."""

import io
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine import jsonl
from engine.blocklist import Blocklist, compile_blocklist
from engine.model import (
    Attempt,
    ConfidentialEntry,
    Contact,
    Decision,
    Exemption,
    ProtectedPerson,
    Reason,
    ReasonCode,
    Restriction,
)  # fmt: skip
from engine.policy import read_policy
from engine.screener import Screener
from service import demonstration
from service.cli import screening
from service.cli.screening import LineError
from service.demonstration import Demonstration, Expected
from service.demonstration.tour import screen_folder, unexpected

DOCS = Path(__file__).parents[3] / "docs"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FAILURES = {ReasonCode.STALE_BLOCKLIST, ReasonCode.MATCHER_FAILED}
OF_CALLS = {
    ReasonCode.CALL_MOVED,
    ReasonCode.VOICE_MISMATCH,
    ReasonCode.SHARED_CONTACT,
    ReasonCode.PROBING,
    ReasonCode.DOUBTFUL_READING,
    ReasonCode.UNVERIFIED_PRIVILEGE,
    ReasonCode.HEIGHTENED,
    ReasonCode.NOT_HELD_HERE,
}
"""Told by the switch or the mailroom, found over several attempts, ordered for somebody, or a node's own."""

# Written down from Ofcom's page once more, so that a slip in the table shows.
DRAMA = re.compile(
    r"07700900\d{3}|01(13|14|15|16|17|18|21|31|41|51|61)4960\d{3}|01914980\d{3}|02079460\d{3}|02896496\d{3}"
    r"|02920180\d{3}|01632960\d{3}|03069990\d{3}|08081570\d{3}|09098790\d{3}"
)


@pytest.fixture(scope="module")
def made() -> Demonstration:
    return demonstration.make()


@pytest.fixture(scope="module")
def folder(made: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demonstration")
    demonstration.write(made, folder)
    return folder


def decisions(folder: Path) -> list[Decision]:
    answers = screen_folder(folder).answers
    assert all(isinstance(answer, Decision) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Decision)]


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────


def test_every_attempt_is_answered_as_expected(made: Demonstration, folder: Path) -> None:
    assert unexpected(made, screen_folder(folder).answers) == []


@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_other_seeds_are_answered_as_expected_too(seed: int, tmp_path: Path) -> None:
    made = demonstration.make(seed, restrictions=200 * seed, attempts=2_000)
    demonstration.write(made, tmp_path)
    assert unexpected(made, screen_folder(tmp_path).answers) == []


def test_an_answer_other_than_the_expected_one_is_told(made: Demonstration, folder: Path) -> None:
    answers = screen_folder(folder).answers
    first = answers[0]
    assert isinstance(first, Decision)
    turned = msgspec.structs.replace(first, decision="allow" if first.decision == "block" else "block")
    assert len(unexpected(made, [turned, *answers[1:]])) == 1
    assert len(unexpected(made, [LineError(1, "empty line"), *answers[1:]])) == 1


def test_every_reason_code_appears_and_is_expected(made: Demonstration, folder: Path) -> None:
    found = {reason.code for decision in decisions(folder) for reason in decision.reasons}
    assert found == set(ReasonCode) - FAILURES - OF_CALLS
    assert {expected.reason for expected in made.expected} - {None} == found


def test_an_empty_list_shows_that_the_blocklist_is_stale(
    made: Demonstration, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / demonstration.RESTRICTIONS).touch()
    (tmp_path / demonstration.ATTEMPTS).write_bytes((folder / demonstration.ATTEMPTS).read_bytes())
    answers = decisions(tmp_path)
    assert not any(answer.decision == "allow" for answer in answers)
    assert ReasonCode.STALE_BLOCKLIST in {reason.code for answer in answers for reason in answer.reasons}


def test_a_look_up_that_fails_shows_that_a_matcher_failed(made: Demonstration) -> None:
    class Failing:
        """The restrictions, whose numbers cannot be looked up."""

        def __init__(self, blocklist: Blocklist) -> None:
            self._restricted = blocklist.restricted

        def numbers(self, key: int) -> list[Any]:
            raise OSError(key)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._restricted, name)

        def __len__(self) -> int:
            return len(self._restricted)

    blocklist = compile_blocklist(made.restrictions, made.confidential)
    broken = msgspec.structs.replace(blocklist, restricted=Failing(blocklist))
    ordinary = next(
        a for a, e in zip(made.attempts, made.expected, strict=True) if e.shows == "an ordinary call"
    )
    answer = Screener(broken, read_policy()).check(ordinary, NOW)
    assert answer.decision == "flag"
    assert [reason.code for reason in answer.reasons] == [ReasonCode.MATCHER_FAILED]


def test_ordinary_traffic_and_decoys_are_the_larger_part(made: Demonstration) -> None:
    allowed = [expected for expected in made.expected if expected.decision == "allow"]
    assert 0.5 < len(allowed) / len(made.expected) < 0.9
    decoys = {
        "the neighbour, next door",
        "another flat of the same building",
        "a stranger who bears the name",
    }
    assert decoys <= {expected.shows for expected in allowed}


# ── bytes ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_seed_gives_the_same_bytes_in_another_process(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "service.demonstration", str(tmp_path), "--seed", "1"]
    subprocess.run(command, check=True, capture_output=True, cwd=DOCS.parent)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["attempts.jsonl", "confidential.jsonl", "expected.jsonl", "restrictions.jsonl"]
    for name in names:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_another_seed_gives_other_bytes(made: Demonstration) -> None:
    assert demonstration.make(seed=2) != made


def test_the_sizes_are_those_asked_for(folder: Path) -> None:
    assert len((folder / demonstration.RESTRICTIONS).read_text().splitlines()) == 200
    assert len((folder / demonstration.ATTEMPTS).read_text().splitlines()) == 1_000
    assert len((folder / demonstration.EXPECTED).read_text().splitlines()) == 1_000


@pytest.mark.parametrize(("restrictions", "attempts"), [(3, 1_000), (5_000, 1_000), (200, 10)])
def test_a_size_that_cannot_show_everything_is_refused(restrictions: int, attempts: int) -> None:
    with pytest.raises(ValueError, match=r"^(restrictions|attempts): "):
        demonstration.make(restrictions=restrictions, attempts=attempts)


def test_the_command_refuses_such_a_size_in_words(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "service.demonstration", str(tmp_path / "new"), "--attempts", "10"]
    refused = subprocess.run(command, capture_output=True, text=True, cwd=DOCS.parent)
    assert refused.returncode == 2
    assert "at least" in refused.stderr
    assert not (tmp_path / "new").exists()


# ── nobody real ─────────────────────────────────────────────────────────────────────────────────────────


def listed(made: Demonstration, kind: str) -> list[str]:
    entries: list[Restriction | ConfidentialEntry] = [*made.restrictions, *made.confidential]
    return [contact.value for entry in entries for contact in entry.contacts if contact.kind == kind]


def test_every_prisoner_number_is_of_the_estate_s_pattern(made: Demonstration) -> None:
    numbers = {number for restriction in made.restrictions for number in restriction.prisoners}
    numbers |= {e.prisoner for restriction in made.restrictions for e in restriction.exceptions}
    numbers |= {attempt.prisoner for attempt in made.attempts if attempt.prisoner is not None}
    assert len(numbers) > 200
    assert all(re.fullmatch(r"[A-Z]\d{4}[A-Z]{2}", number) for number in numbers)


def test_every_listed_number_is_a_drama_number_or_the_one_helpline(made: Demonstration) -> None:
    numbers = {re.sub(r"\D", "", value) for value in listed(made, "phone")} - {"116123"}
    assert len(numbers) > 150
    assert [number for number in numbers if not DRAMA.fullmatch(number)] == []


def test_every_ordinary_number_called_is_a_drama_number(made: Demonstration) -> None:
    ordinary = {e.id for e in made.expected if e.shows in ("an ordinary call", "an ordinary message")}
    digits = {re.sub(r"\D", "", a.to) for a in made.attempts if a.id in ordinary}
    national = {re.sub(r"^(0044|44)0?", "0", number) for number in digits}
    assert len(national) > 200
    assert [number for number in national if not DRAMA.fullmatch(number)] == []


def test_every_postcode_is_of_an_area_that_does_not_exist(made: Demonstration) -> None:
    table = DOCS.parent / "matchers/address/tables/postcode_districts.tsv"
    real = {line.split("\t")[0] for line in table.read_text().splitlines()}
    texts = listed(made, "address") + [attempt.to for attempt in made.attempts if attempt.channel == "letter"]
    pattern = re.compile(r"\b([A-Z]{1,2})[0-9][0-9A-Z]? [0-9][A-Z]{2}\b")
    areas = {area for text in texts for area in pattern.findall(text)}
    assert all(pattern.search(text) for text in listed(made, "address"))
    assert len(areas) == 12
    assert "SW" in real
    assert areas & real == set()


def test_every_e_mail_address_is_of_a_domain_kept_for_examples(made: Demonstration) -> None:
    emails = listed(made, "email")
    assert len(emails) > 200
    assert all(re.search(r"[@.]example\.(org|com|net)$", email) for email in emails)


# ── the documents ───────────────────────────────────────────────────────────────────────────────────────


def examples(heading: str) -> list[str]:
    """The lines of JSON under a heading of docs/formats.md."""
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    block = re.search(r"```json\n(.*?)```", section, re.DOTALL)
    assert block is not None
    return block[1].splitlines()


def test_every_reason_code_has_its_heading_and_says_what_it_leads_to() -> None:
    text = (DOCS / "reasons.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE))
    assert set(sections) == set(ReasonCode)
    policy = read_policy()
    for code, section in sections.items():
        verdict = policy.reasons.get(code, "flag")
        assert f"**{verdict}** (`" in section, code
        assert "Example: " in section, code
        for action in re.findall(r"\(`(\w+)`\)", section.split("Leads to: ")[1].split("Example: ")[0]):
            assert action in {a for actions in policy.action.values() for a in actions.values()}, code


def test_the_examples_of_the_formats_are_read_without_a_complaint() -> None:
    assert all(jsonl.read_restriction(line).problems == () for line in examples("Restriction"))
    assert all(jsonl.read_confidential(line).problems == () for line in examples("Confidential register"))
    assert all(jsonl.read_attempt(line) for line in examples("Attempt"))
    assert all(msgspec.json.decode(line, type=Expected) for line in examples("The demonstration"))


def test_the_decisions_of_the_formats_are_the_answers_to_its_attempts() -> None:
    blocklist = compile_blocklist(
        [jsonl.read_restriction(line).restriction for line in examples("Restriction")],
        [jsonl.read_confidential(line).entry for line in examples("Confidential register")],
    )
    screener = Screener(blocklist, read_policy())
    attempts = io.BytesIO("\n".join(examples("Attempt")).encode())
    answered = [json.loads(line) for line, _ in screening.screen(screener, attempts, NOW)]
    assert [_gist(answer) for answer in answered] == [_gist(json.loads(e)) for e in examples("Decision")]
    assert [list(answer) for answer in answered] == [list(json.loads(e)) for e in examples("Decision")]


def _gist(answer: dict[str, Any]) -> dict[str, Any]:
    """A decision without what grows with the matchers: the version of the list, the wording of the steps."""
    reasons = [{k: v for k, v in r.items() if k not in ("steps", "score")} for r in answer["reasons"]]
    return {**answer, "blocklist": "", "reasons": reasons}


def test_the_error_line_of_the_formats_is_what_such_a_line_gives() -> None:
    (example,) = (json.loads(line) for line in examples("Error line"))
    wrong = b'\n{"id": "C1", "channel": "call", "prisoner": "1234", "to": "116 123"}\n'
    screener = Screener(compile_blocklist([]), read_policy())
    *_, (answer, _) = screening.screen(screener, io.BytesIO(wrong), NOW)
    assert {**json.loads(answer), "line": 7} == example


@pytest.mark.parametrize(
    ("heading", "kinds"),
    [
        ("Restriction", (Restriction, ProtectedPerson, Contact, Exemption)),
        ("Confidential register", (ConfidentialEntry,)),
        ("Attempt", (Attempt,)),
        ("Decision", (Decision, Reason)),
        ("Error line", (LineError,)),
        ("The demonstration", (Expected,)),
    ],
)
def test_every_field_has_its_row(heading: str, kinds: tuple[type[msgspec.Struct], ...]) -> None:
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = {
        name.split(".")[-1].split("[")[0] for name in re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    }
    fields = {field.encode_name for kind in kinds for field in msgspec.structs.fields(kind)}
    assert fields - {"protected"} <= rows | {"name", "aliases"}
