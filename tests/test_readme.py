"""What the README shows is what happens."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from engine.blocklist import compile_blocklist
from engine.jsonl import read_attempt, read_restriction
from engine.policy import read_policy
from engine.screener import Screener

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_example_prints_what_it_says() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    expected = re.findall(r"^# (.*)$", code[1], re.MULTILINE)
    run = subprocess.run([sys.executable, "-c", code[1]], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == expected


def test_the_example_lines_are_read() -> None:
    restriction, attempt = re.findall(r"^(\{\"id\".*\})$", README, re.MULTILINE)[:2]
    assert read_restriction(restriction).problems == ()
    assert read_attempt(attempt).to == json.loads(attempt)["to"]


def test_the_answer_that_is_shown_is_the_answer_to_its_attempt() -> None:
    restriction, attempt, shown = re.findall(r'^\{"id".*?\}(?=\n```|\n\{)', README, re.MULTILINE | re.DOTALL)
    screener = Screener(compile_blocklist([read_restriction(restriction).restriction]), read_policy())
    answer = screener.check(read_attempt(attempt), datetime(2026, 6, 1, tzinfo=UTC))
    told = json.loads(shown)
    assert json.loads(msgspec.json.encode(answer)) | {"blocklist": "sha256:…"} == told
