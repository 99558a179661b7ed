"""Some of the changes of `make mutants`, drawn at random, where all of them would take too long.

    make mutants                                                     (once: it makes the changed code)
    .venv-mutants/bin/python -m benchmarks.mutants_drawn 600 service/check/deciding.py engine/people.py

Runs for so many seconds, on each file in turn. A file's tests, those of `TESTS`, are collected once; each
change is then tried in a fork of that session, up to the first test that notices it. mutmut runs every test
that comes by a change, here a few files of them are run: rather too little is noticed than too much.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.mutants import MADE, table

SEED = 20261201
SLOWEST = 90
"""Seconds after which a change that makes no end is taken for noticed."""
_CHECK, _REGISTRY, _ENGINE = "tests/service/check/test_", "tests/service/registry/test_", "tests/engine/test_"
_TEXTS = f"{_ENGINE}reasons_told_of_texts.py"
TESTS = {
    "service/check/event.py": (f"{_CHECK}event.py",),
    "service/check/contact.py": (f"{_CHECK}contact.py",),
    "service/check/window.py": (f"{_CHECK}window.py",),
    "service/check/requests.py": (f"{_CHECK}requests.py", "tests/service/web/test_http.py"),
    "service/check/answers.py": (f"{_CHECK}answers.py",),
    "service/check/deciding.py": (
        f"{_CHECK}deciding_recorded.py",
        f"{_CHECK}event.py",
        f"{_CHECK}deciding.py",
        f"{_CHECK}answers.py",
    ),
    "service/check/api.py": (f"{_CHECK}answers.py", "tests/service/web/test_http.py", f"{_CHECK}deciding.py"),
    "service/registry/versions.py": (
        f"{_REGISTRY}versions_found.py",
        f"{_REGISTRY}versions.py",
        f"{_REGISTRY}prisoners.py",
        f"{_REGISTRY}corners.py",
    ),
    "engine/addresses.py": (
        f"{_ENGINE}addresses.py",
        f"{_ENGINE}envelopes.py",
        _TEXTS,
        f"{_ENGINE}policy.py",
    ),
    "engine/content.py": (f"{_ENGINE}content.py", _TEXTS, f"{_ENGINE}addresses.py", f"{_ENGINE}envelopes.py"),
    "engine/people.py": (f"{_ENGINE}people.py", _TEXTS, f"{_ENGINE}reasons_told.py"),
}
"""By file, the tests that are run on its changes."""
LEFT_OUT = "not whatever_is_sent and not sound_fields_is_decided and not several_processes"


class Drawing:
    """A pytest plugin that runs the collected tests on one change after another."""

    def __init__(self, files: list[str], until: float) -> None:
        """`until` is a `time.monotonic()`."""
        self.files, self.until = files, until
        self.found: dict[str, dict[str, int | None]] = {file: {} for file in files}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of the run: each file's own tests, unchanged at first, then on its changes."""
        drawn = {file: self._drawn(file) for file in self.files}
        for file in self.files:
            if self._try(session, file, ""):
                raise pytest.UsageError(f"the tests of {file} fail on what nobody changed")
        while drawn and time.monotonic() < self.until:
            for file, names in list(drawn.items()):
                name = next(names, None)
                if name is None:
                    del drawn[file]
                else:
                    self.found[file][name] = self._try(session, file, name)
        return True

    def _drawn(self, file: str) -> Iterator[str]:
        names = list(json.loads(Path(f"{file}.meta").read_text("utf-8"))["exit_code_by_key"])
        random.Random(SEED).shuffle(names)
        return iter(names)

    def _try(self, session: pytest.Session, file: str, name: str) -> int:
        """0 where no test fails under the change."""
        child = os.fork()
        if not child:
            os.environ["MUTANT_UNDER_TEST"] = name
            signal.alarm(SLOWEST)
            items = [item for item in session.items if item.nodeid.startswith(TESTS[file])]
            for item, following in zip(items, [*items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.testsfailed:
                    os._exit(1)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> int:
    """Try changes of the files named, or of all, for so many seconds; tell what was noticed."""
    seconds, *files = sys.argv[1:]
    os.chdir(MADE)
    sys.path.insert(0, str(Path.cwd()))
    drawing = Drawing(files or list(TESTS), time.monotonic() + float(seconds))
    tests = sorted({test for file in drawing.files for test in TESTS[file]})
    status = pytest.main(
        ["-p", "no:xdist", "-s", "-m", "not postgres and not slow", "-k", LEFT_OUT, *tests], plugins=[drawing]
    )
    print("\n".join(table(drawing.found)))
    for statuses in drawing.found.values():
        print("\n".join(name for name, status in statuses.items() if status == 0))
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
