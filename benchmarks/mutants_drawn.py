"""Some of the changes of the code that decides, drawn at random: all of them take hours.

    make mutants
    .venv-mutants/bin/python -m benchmarks.mutants_drawn 600 service/check/deciding.py engine/people.py

Makes the changed code, then runs for so many seconds, `make mutants` for 900, on each file in turn. A file's
tests, those of `TESTS`, are collected once; each change is then tried in a fork of that session, on those
that come by the changed function, up to the first that notices it. mutmut knows more tests than these:
rather too little is noticed here than too much. Each that nobody noticed is shown.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from benchmarks.mutants import MADE, change, table, unnoticed

SEED = 20261201
SLOWEST = 90
"""Seconds after which a change that makes no end is taken for noticed."""
_CHECK, _REGISTRY, _ENGINE = "tests/service/check/test_", "tests/service/registry/test_", "tests/engine/test_"
_TEXTS = f"{_ENGINE}reasons_told_of_texts.py"
_NUMBERS = (
    f"{_ENGINE}numbers.py",
    f"{_ENGINE}tricks_calls.py",
    f"{_ENGINE}recipients_with_numbers.py",
    f"{_ENGINE}dialled_anywhere.py",
    f"{_ENGINE}dialled.py",
)
TESTS = {
    "service/check/event.py": (f"{_CHECK}event.py",),
    "service/check/contact.py": (f"{_CHECK}contact.py",),
    "service/check/window.py": (f"{_CHECK}window.py",),
    "service/check/requests.py": (f"{_CHECK}requests.py",),
    "service/check/answers.py": (f"{_CHECK}answers.py",),
    "service/check/deciding.py": (
        f"{_CHECK}deciding_recorded.py",
        f"{_CHECK}event.py",
        f"{_CHECK}deciding.py",
        f"{_CHECK}answers.py",
    ),
    "service/check/api.py": (
        f"{_CHECK}api.py",
        f"{_CHECK}answers.py",
        f"{_CHECK}deciding.py",
        "tests/service/web/test_http.py",
    ),
    "service/registry/versions.py": (
        f"{_REGISTRY}versions_found.py",
        f"{_REGISTRY}versions.py",
        f"{_REGISTRY}prisoners.py",
    ),
    "engine/policy.py": (
        f"{_ENGINE}policy.py",
        f"{_ENGINE}policy_file.py",
        f"{_ENGINE}policy_scope.py",
        f"{_ENGINE}reasons_told.py",
    ),
    "engine/combining.py": (f"{_ENGINE}combining.py",),
    "engine/window.py": (f"{_ENGINE}window.py",),
    "engine/numbers.py": _NUMBERS,
    "engine/dialled.py": _NUMBERS,
    "engine/envelope_people.py": (f"{_ENGINE}envelope_people.py", f"{_ENGINE}envelopes.py"),
    "engine/addresses.py": (f"{_ENGINE}addresses.py", f"{_ENGINE}envelopes.py", _TEXTS),
    "engine/content.py": (f"{_ENGINE}content.py", _TEXTS, f"{_ENGINE}addresses.py", f"{_ENGINE}envelopes.py"),
    "engine/people.py": (f"{_ENGINE}people.py", _TEXTS, f"{_ENGINE}reasons_told.py"),
}
"""By file, the tests that are run on its changes."""
LEFT_OUT = (
    "not whatever_is_sent and not sound_fields_is_decided and not several_processes and not every_country"
    " and not foreign_number_next and not however_it_is_dialled and not one_digit_away_included"
)


class Drawing:
    """A pytest plugin that runs the collected tests on one change after another."""

    def __init__(self, files: list[str], until: float) -> None:
        """`until` is a `time.monotonic()`."""
        self.files, self.until = files, until
        self.found: dict[str, dict[str, int | None]] = {file: {} for file in files}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of the run: each file's own tests, unchanged at first, then on its changes."""
        drawn = {file: self._drawn(file) for file in self.files}
        by_function = {file: _coming_by(session, file) for file in self.files}
        while drawn and time.monotonic() < self.until:
            for file, names in list(drawn.items()):
                name = next(names, None)
                if name is None:
                    del drawn[file]
                else:
                    items = by_function[file].get(name.rpartition("__mutmut_")[0], [])
                    self.found[file][name] = _status(session, items, name)
        return True

    def _drawn(self, file: str) -> Iterator[str]:
        names = list(json.loads(Path(f"{file}.meta").read_text("utf-8"))["exit_code_by_key"])
        random.Random(SEED).shuffle(names)
        return iter(names)


def _coming_by(session: pytest.Session, file: str) -> dict[str, list[pytest.Item]]:
    """The tests of a file by the function that they come by; those that come by few functions first."""
    items = [item for item in session.items if item.nodeid.startswith(TESTS[file])]
    told = Path(f"{file}.hits")
    if _status(session, items, "stats", told):
        raise pytest.UsageError(f"the tests of {file} fail on what nobody changed")
    hits: dict[str, list[str]] = json.loads(told.read_text("utf-8"))
    found: dict[str, list[pytest.Item]] = {}
    for item in sorted(items, key=lambda one: len(hits[one.nodeid])):
        for function in hits[item.nodeid]:
            found.setdefault(function, []).append(item)
    return found


def _status(session: pytest.Session, items: list[pytest.Item], name: str, told: Path | None = None) -> int:
    """0 where no test fails under the change. The functions that each test came by are written to `told`."""
    child = os.fork()
    if not child:
        os.environ["MUTANT_UNDER_TEST"] = name
        now: set[str] = set()
        hits: dict[str, list[str]] = {}
        if told is None:
            signal.alarm(SLOWEST)
        else:
            trampoline: Any = import_module("mutmut.mutation.trampoline")
            trampoline.record_trampoline_hit = lambda function, **_: now.add(function)
        for item, following in zip_longest(items, items[1:]):
            now.clear()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            hits[item.nodeid] = sorted(now)
            if session.testsfailed:
                os._exit(1)
        if told is not None:
            told.write_text(json.dumps(hits), "utf-8")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> int:
    """Try changes of the files named, or of all, for so many seconds; tell what was noticed."""
    seconds, *files = sys.argv[1:]
    subprocess.run(
        [sys.executable, "-m", "benchmarks.mutants", "--make"], check=True, stdout=subprocess.DEVNULL
    )
    os.chdir(MADE)
    sys.path.insert(0, str(Path.cwd()))
    drawing = Drawing(files or list(TESTS), time.monotonic() + float(seconds))
    tests = sorted({test for file in drawing.files for test in TESTS[file]})
    status = pytest.main(
        ["-p", "no:xdist", "-s", "-m", "not postgres and not slow", "-k", LEFT_OUT, *tests], plugins=[drawing]
    )
    os.chdir(Path.cwd().parent)
    print("\n".join(table(drawing.found)))
    mutmut = Path(sys.executable).with_name("mutmut")
    for statuses in drawing.found.values():
        for name in unnoticed(statuses):
            print(f"\n{name}\n{change(name, mutmut)}")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
