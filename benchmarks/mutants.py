"""What the tests notice: the code that decides, changed a little at each place, and the tests run on it.

    make mutants-whole        (for hours; `make mutants` draws some: benchmarks/mutants_drawn.py)

`mutmut` makes the changes and runs the tests; which files, and which tests, `[tool.mutmut]` in pyproject.toml
says. Here its results are read: how many changes of each file some test noticed, and each one that none did.
Those that nobody could notice are listed in docs/mutants.md, with why.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

MADE = Path("mutants")
"""Where mutmut keeps the changed code and its results."""
_UNNOTICED = 0
"""The exit status of pytest under a change that no test failed on."""
_NO_TEST = 33
"""What mutmut notes where no test comes by at all."""


def make() -> None:
    """Make the changed code, and run nothing of it: the first steps of `mutmut run`."""
    mutmut: Any = import_module("mutmut.__main__")
    mutmut.set_mutant_under_test("mutant_generation")
    MADE.mkdir(exist_ok=True)
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.setup_source_paths()
    mutmut.create_mutants(1)


def results(folder: Path = MADE) -> dict[str, dict[str, int | None]]:
    """For each file, the exit status of its tests under each change, by name; None where it was not run."""
    return {
        str(path.relative_to(folder)).removesuffix(".meta"): json.loads(path.read_text("utf-8"))[
            "exit_code_by_key"
        ]
        for path in sorted(folder.rglob("*.py.meta"))
    }


def unnoticed(statuses: Mapping[str, int | None]) -> list[str]:
    """The names of the changes that were run and that no test noticed."""
    return [name for name, status in statuses.items() if status in (_UNNOTICED, _NO_TEST)]


def table(of_files: Mapping[str, Mapping[str, int | None]]) -> Iterator[str]:
    """Lines of a table: file, changes that were run, those noticed, in percent."""
    yield "| file | changes | noticed | |"
    yield "|---|---:|---:|---:|"
    for file, statuses in of_files.items():
        run = sum(status is not None for status in statuses.values())
        noticed = run - len(unnoticed(statuses))
        if run:
            yield f"| `{file}` | {run} | {noticed} | {100 * noticed / run:.1f} % |"


def change(name: str, mutmut: Path) -> str:
    """The lines that a change takes out and puts in."""
    shown = subprocess.run([mutmut, "show", name], capture_output=True, text=True, check=True).stdout
    lines = [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return "\n".join(f"    {line}" for line in lines)


def main() -> int:
    """Run the changes named as arguments, or all; tell what was noticed. 1 when mutmut itself failed.

    With `--make`, only make the changed code.
    """
    if sys.argv[1:] == ["--make"]:
        make()
        return 0
    mutmut = Path(sys.executable).with_name("mutmut")
    status = subprocess.run([mutmut, "run", "--max-children", "1", *sys.argv[1:]]).returncode
    of_files = results()
    print("\n".join(table(of_files)))
    for statuses in of_files.values():
        for name in unnoticed(statuses):
            print(f"\n{name}\n{change(name, mutmut)}")
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
