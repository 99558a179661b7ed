"""`make run`: a real process with the demonstration in it, tried in the ways that it prints."""

from __future__ import annotations

import os
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

PATIENCE = 120.0


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Everything that it prints until it listens; stopped at the end."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("NOCONTACT_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "service.demonstration.serve"],
        cwd=tmp_path_factory.mktemp("run"),
        env={**here, "NOCONTACT_PORT": "0", "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    text, until = b"", time.monotonic() + PATIENCE
    while b"listening on" not in text and time.monotonic() < until and process.poll() is None:
        if select.select([process.stdout], [], [], 0.2)[0]:
            text += os.read(process.stdout.fileno(), 65536)
    url = re.search(r"listening on (\S+)", text.decode())
    while (
        url is not None
        and time.monotonic() < until
        and httpx.get(f"{url[1]}/health/ready").status_code != 200
    ):
        time.sleep(0.1)  # it listens before its first list is in force
    yield text.decode()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    process.stdout.close()


def test_the_three_lines_give_two_blocks_and_an_allow(told: str) -> None:
    lines = [line for line in told.splitlines() if line.startswith("curl ")]
    answers = [subprocess.run(shlex.split(line), capture_output=True, text=True).stdout for line in lines]
    assert [re.findall(r'"decision":"(\w+)"', answer) for answer in answers] == [
        ["block"],
        ["block"],
        ["allow"],
    ]


def test_everybody_signs_in_with_the_password_that_it_prints(told: str) -> None:
    url = re.search(r"listening on (\S+)", told)
    assert url is not None
    accounts = re.findall(r"^ {9}(\w+) +(\S+)$", told, re.MULTILINE)
    assert len(accounts) == 7
    for name, password in accounts:
        answer = httpx.post(f"{url[1]}/v1/session", json={"name": name, "password": password})
        assert answer.status_code == 200, name
        assert answer.json()["who"]["must_change_password"] is False


def test_the_reviewer_finds_something_to_do(told: str) -> None:
    url = re.search(r"listening on (\S+)", told)
    password = re.search(r"reviewer +(\S+)", told)
    assert url is not None
    assert password is not None
    form = {"name": "reviewer", "password": password[1]}
    answer = httpx.post(f"{url[1]}/sign-in", data=form)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert answer.headers["location"] == "/"
    page = httpx.get(f"{url[1]}/queue", headers={"cookie": cookie}).text
    assert page.count('href="/queue/') > 20


def test_the_mailroom_finds_a_tray_with_letters_held_and_stopped(told: str) -> None:
    url = re.search(r"listening on (\S+)", told)
    password = re.search(r"mailroom +(\S+)$", told, re.MULTILINE)
    assert url is not None
    assert password is not None
    signed = httpx.post(f"{url[1]}/v1/session", json={"name": "mailroom", "password": password[1]})
    cookie = {"cookie": signed.headers["set-cookie"].partition(";")[0]}
    found = httpx.get(f"{url[1]}/v1/mail/trays/SAMPLE-1", headers=cookie).json()
    assert {name: found[name] for name in ("items", "allowed", "held", "stopped", "missing")} == {
        "items": 20,
        "allowed": 16,
        "held": 3,
        "stopped": 1,
        "missing": 0,
    }
