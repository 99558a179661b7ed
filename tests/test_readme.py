"""What the README shows is what happens."""

import json
import re
import subprocess
import sys
from pathlib import Path

from engine.jsonl import read_attempt, read_restriction

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
