"""What the pages say of commands, make targets, files, settings and releases is so.

Metrics and the defaults of settings are held to their page in `tests/service/operations`, rights in
`tests/service/access`, reason codes and formats in `tests/service/demonstration`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import get_args

import pytest
import yaml

from engine import jsonl
from engine.blocklist import compile_blocklist
from engine.model import Channel, Contact, ProtectedPerson, Restriction, Verdict
from engine.policy import read_policy
from engine.screener import Screener
from service.cli.main import app
from service.public.settings import PublicSettings
from service.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "adapters").rglob("*.md")])
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
HOUSE = ("matchers", "engine", "adapters", "service")


@cache
def page(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def sections(text: str) -> dict[str, str]:
    """What stands under each heading of the second order."""
    return dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))


# ── links and files ─────────────────────────────────────────────────────────────────────────────────────


def anchors(text: str) -> set[str]:
    """The anchors that a page has."""
    without_code = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", without_code, re.MULTILINE)}


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_link_leads_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)\s#]*)(?:#([^)\s]*))?\)", page(path))
    for target, place in targets:
        led_to = path.parent / target if target else path
        assert led_to.exists(), target
        assert not place or place in anchors(page(led_to)), f"{target}#{place}"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_file_that_is_named_is_there(path: Path) -> None:
    named = re.findall(rf"`((?:{'|'.join(HOUSE)}|tests|docs|benchmarks)/[\w./-]*)`", page(path))
    assert not [file for file in named if "NAME" not in file and not (ROOT / file).exists()]


def test_what_is_to_be_changed_in_a_file_is_in_it() -> None:
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", page(ROOT / "CONTRIBUTING.md"), re.MULTILINE)
    for files, what in rows:
        there = [ROOT / file for file in re.findall(r"`([\w/.]+\.\w+)`", files) if "NAME" not in file]
        text = "".join(page(file) for file in there if file.is_file())
        names = re.findall(r"`(_?[A-Za-z]+_?[A-Za-z]+)`", what)
        assert not [name for name in names if there and name not in text], files


def test_every_program_that_is_named_is_there() -> None:
    named = {program for path in PAGES for program in re.findall(r"python -m ([\w.]+)", page(path))}
    ours = {program for program in named if program.split(".")[0] in (*HOUSE, "benchmarks")}
    assert "adapters.mailroom.hot_folder" in ours
    assert not [program for program in ours if find_spec(program) is None]


# ── commands ────────────────────────────────────────────────────────────────────────────────────────────


def commands() -> dict[str, set[str]]:
    """The options of each command, by their long names."""
    return {
        name: {option for one in command.params for option in one.opts if option.startswith("--")}
        for name, command in app.commands.items()
    }


def test_every_command_has_its_section_in_the_order_of_the_table() -> None:
    listed = re.findall(r"\[`([\w-]+)`\]\(#", page(DOCS / "commands.md"))
    assert sorted(listed) == sorted(commands())
    assert list(sections(page(DOCS / "commands.md"))) == [*listed, "Programs of the adapters"]


@pytest.mark.parametrize("name", commands())
def test_every_option_is_told_and_no_other(name: str) -> None:
    told = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", sections(page(DOCS / "commands.md"))[name]))
    of_all = set() if name in ("screen", "explain", "read", "public", "canaries") else {"--data"}
    assert told | of_all == commands()[name]


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_command_that_is_shown_can_be_given(path: Path) -> None:
    blocks = re.findall(r"^```\w*\n(.*?)^```", page(path), re.DOTALL | re.MULTILINE)
    shown = [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", page(path))
    for line in shown:
        if given := re.match(r"nocontact ([a-z][\w-]*)([^#]*)", line):
            assert set(re.findall(r"(?<!\S)--[a-z][\w-]*", given[2])) <= commands()[given[1]], line


# ── make ────────────────────────────────────────────────────────────────────────────────────────────────

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_make_target_is_described_at_the_top_and_no_other() -> None:
    top = MAKEFILE.split("\n\n")[0]
    described = re.findall(r"^# make ([\w-]+)  ?", top, re.MULTILINE)
    phony = re.findall(r"^\.PHONY:(.*)$", MAKEFILE, re.MULTILINE)
    assert sorted(described) == sorted(" ".join(phony).split())


def test_every_make_target_that_a_page_names_is_there() -> None:
    targets = set(re.findall(r"^([\w-]+):", MAKEFILE, re.MULTILINE))
    named = {
        name for path in PAGES for name in re.findall(r"(?:^|`)make ([a-z][\w-]*)", page(path), re.MULTILINE)
    }
    assert {"run", "test", "accuracy"} <= named
    assert named <= targets


# ── settings and policy ─────────────────────────────────────────────────────────────────────────────────


def test_every_setting_that_a_page_names_is_one() -> None:
    named = {name for path in PAGES for name in re.findall(r"(?<![A-Z_])NOCONTACT_([A-Z_]+\b)", page(path))}
    assert "OIDC_ISSUER" in named
    public = {f"PUBLIC_{name}" for name in PublicSettings.__struct_fields__}
    assert named <= {name.upper() for name in {*Settings.model_fields, *public}}


@pytest.mark.parametrize("path", [ROOT / "README.md", DOCS / "formats.md"], ids=name_of)
def test_the_table_of_actions_is_the_policy_s(path: Path) -> None:
    actions = read_policy().action
    rows = dict(re.findall(r"^\| (allow|flag|block) \| (.*) \|$", page(path), re.MULTILINE))
    for verdict in get_args(Verdict):
        first = [re.findall(r"`(\w+)`", cell)[0] for cell in rows[verdict].split("|")]
        assert first == [actions[channel][verdict] for channel in get_args(Channel)]


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────


def test_every_figure_has_its_command() -> None:
    text = page(DOCS / "figures.md")
    listed = re.findall(r"^\| \[.*\]\(#(.*?)\) \| `(.*?)`", text, re.MULTILINE)
    commands_of = [(anchor(name), body.split("```\n")[1].strip()) for name, body in sections(text).items()]
    assert commands_of == listed
    assert all(body.startswith("\n```\n") for body in sections(text).values())


def test_the_readme_has_no_figures() -> None:
    assert not re.search(r"\d ?(?:%|µs|ms)", page(ROOT / "README.md"))


# ── architecture ────────────────────────────────────────────────────────────────────────────────────────

ARCHITECTURE = DOCS / "architecture.md"


def rooms() -> list[str]:
    return [
        f"{name_of(path)}/"
        for floor in ("service", "adapters")
        for path in sorted((ROOT / floor).iterdir())
        if (path / "__init__.py").exists()
    ]


def test_every_room_is_on_the_page_and_in_its_picture() -> None:
    picture = (DOCS / "architecture.svg").read_text(encoding="utf-8")
    assert len(rooms()) > 15
    for room in rooms():
        assert f"`{room}`" in page(ARCHITECTURE), room
        assert f"{room.split('/')[1]}/" in picture, room


def test_a_dialled_string_passes_the_files_that_the_page_names() -> None:
    walk = sections(page(ARCHITECTURE))["Five walks"].split("### ")[1]
    named = re.findall(r"^\d+\. `(.*?)`", walk, re.MULTILINE)
    restriction = Restriction(
        id="R1",
        prisoner="A1234BC",
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(Contact(kind="phone", value="07700 900123"),),
    )
    screener = Screener(compile_blocklist([restriction]), read_policy())
    line = '{"id": "C1", "channel": "call", "prisoner": "A1234BC", "to": "141 07700 900123"}'
    with traced() as passed:
        decision = screener.check(jsonl.read_attempt(line), datetime(2026, 6, 1, tzinfo=UTC))
    assert decision.decision == "block"
    assert passed == set(named)
    assert f"it passes {len(named)} files" in walk


@contextmanager
def traced() -> Iterator[set[str]]:
    """The files of the house in which a function begins within the block, with nothing remembered."""
    for module in [m for name, m in sys.modules.items() if f"{name.replace('.', '/')}/".startswith(HOUSE)]:
        for known in vars(module).values():
            if callable(forget := getattr(known, "cache_clear", None)):
                forget()
    files: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        file = Path(frame.f_code.co_filename)
        if event == "call" and file.is_relative_to(ROOT) and name_of(file).startswith(HOUSE):
            files.add(name_of(file))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield files
    finally:
        sys.setprofile(before)


# ── releases and forms ──────────────────────────────────────────────────────────────────────────────────


def test_the_newest_release_of_the_changelog_is_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    releases = re.findall(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", page(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert len(releases) == page(ROOT / "CHANGELOG.md").count("\n## ")
    assert releases[0][0] == project["version"]
    days = [date.fromisoformat(day) for _, day in releases]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("path", [form for form in FORMS if form.stem != "config"], ids=name_of)
def test_every_form_warns_before_it_asks(path: Path) -> None:
    form = yaml.safe_load(page(path))
    assert form["body"][0]["type"] == "markdown"
    assert "Never paste a real name, number, address" in form["body"][0]["attributes"]["value"]
    assert form["body"][-1]["type"] == "checkboxes"
    assert form["body"][-1]["attributes"]["options"][0]["required"]


def test_the_lines_that_the_forms_begin_with_can_be_read() -> None:
    given = [
        field["attributes"]["value"]
        for path in FORMS
        for field in yaml.safe_load(page(path)).get("body", [])
        if field["attributes"].get("render") == "json" and "value" in field["attributes"]
    ]
    restrictions = [line for line in given if '"protected"' in line]
    assert len(restrictions) == 2
    assert all(jsonl.read_restriction(line).problems == () for line in restrictions)
    assert all(jsonl.read_attempt(line) for line in given if line not in restrictions)


def test_the_hooks_call_the_project_s_own_tools() -> None:
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert local["repo"] == "local"
    tools = [hook["entry"].split()[0] for hook in local["hooks"]]
    assert tools == [f".venv/bin/{tool}" for tool in ("ruff", "ruff", "mypy", "lint-imports")]
    for tool in tools:
        subprocess.run(
            [Path(sys.executable).parent / Path(tool).name, "--help"], check=True, capture_output=True
        )
