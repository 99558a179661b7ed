"""What a command loads: none pays for what another one needs, and the service opens no picture itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.cli.test_files import RESTRICTION, call, write

PICTURES = {"rapidocr", "onnxruntime", "cv2", "numpy", "PIL", "pypdfium2", "pi_heif", "zxingcpp", "reportlab"}
TERMINAL = {"rich", "pygments"}
SERVICE = {
    "pydantic",
    "cryptography",
    "structlog",
    "sqlalchemy",
    "alembic",
    "fastapi",
    "starlette",
    "uvicorn",
    "httpx",
    "jinja2",
    "argon2",
}


def modules(program: str, *arguments: str | Path) -> set[str]:
    """The modules in a process after a program, and after what it ends with."""
    told = (
        "import json, sys\ntry:\n    exec(sys.argv.pop(1))\nfinally:\n    print(json.dumps([*sys.modules]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", told, program, *map(str, arguments)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def loaded(program: str, *arguments: str | Path) -> set[str]:
    """The packages of those."""
    return {name.partition(".")[0] for name in modules(program, *arguments)}


COMMAND = "from service.cli.main import main; main()"
SCREENED = f"""
try:
    {COMMAND}
except SystemExit as ended:
    assert not ended.code
from matchers import folding, intent
from matchers.person import facts
for table in (intent._phrases, folding._beyond_ascii, facts.short_forms):
    assert not table.cache_info().currsize, table
"""
"""`COMMAND`, and that none of these tables was made."""
BARE = "import json"
"""What `modules` itself needs."""


@pytest.mark.parametrize("arguments", [["--help"], ["screen", "--help"], ["serve", "--help"]])
def test_help_loads_no_more_than_what_shows_it(arguments: list[str]) -> None:
    found = modules(COMMAND, *arguments)
    packages = {name.partition(".")[0] for name in found}
    assert packages & {*PICTURES, *SERVICE, *TERMINAL, "engine", "matchers", "msgspec"} == set()
    assert len(found - modules(BARE)) <= 75


def test_screening_one_call_loads_neither_the_service_nor_tables_that_a_call_does_not_need(
    tmp_path: Path,
) -> None:
    restrictions = write(tmp_path / "r.jsonl", [RESTRICTION])
    attempts = write(tmp_path / "a.jsonl", [call("C1", "07700 900456")])
    found = modules(SCREENED, "screen", "-r", restrictions, attempts)
    assert {name.partition(".")[0] for name in found} & {*PICTURES, *SERVICE, *TERMINAL, "nicknames"} == set()
    assert len(found - modules(BARE)) <= 370


def test_a_command_of_the_operators_loads_neither_readers_nor_a_web_server(tmp_path: Path) -> None:
    found = loaded(COMMAND, "init", "--data", tmp_path / "data")
    assert "sqlalchemy" in found
    assert found & {*PICTURES, "fastapi", "starlette", "uvicorn", "jinja2"} == set()


def test_the_public_form_loads_nothing_that_is_for_a_terminal_or_for_its_translators() -> None:
    found = loaded(
        "import service.cli.main, service.cli.asking; from service.public.words import words; words('cy')"
    )
    assert {"uvicorn", "jinja2"} <= found
    assert found & {"rich", "pygments", "babel", "fastapi", "pydantic", "sqlalchemy"} == set()


def test_what_serves_loads_nothing_that_opens_pictures() -> None:
    found = loaded("import service.serving")
    assert "uvicorn" in found
    assert found & PICTURES == set()


def test_what_reads_pictures_is_loaded_where_they_are_read() -> None:
    assert loaded("import service.mail.pages") >= PICTURES - {"onnxruntime", "zxingcpp", "reportlab"}
