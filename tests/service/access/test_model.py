"""docs/access.md says who may do what as the program does."""

from __future__ import annotations

from pathlib import Path

from service.access.model import DAYS, RIGHTS, Right, Role
from service.access.passwords import SHORTEST
from service.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs/access.md").read_text(encoding="utf-8")


def test_the_table_has_every_right_of_every_role() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| `") or line.startswith("| right")]
    told = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in lines}
    assert told["right"] == [f"`{role.value}`" for role in Role]
    for right in Right:
        assert told[f"`{right.value}`"] == ["yes" if right in RIGHTS[role] else "" for role in Role], right


def test_the_numbers_are_the_defaults() -> None:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    assert f"at least {SHORTEST} characters" in PAGE
    assert f"expires after {DAYS} days" in PAGE
    assert settings.sign_in_tries == 5
    assert f"lock the account for {settings.lock_minutes} minutes for all but" in PAGE
    assert f"after {settings.session_minutes} minutes without a request" in PAGE
    assert f"after {settings.session_hours} hours in any case" in PAGE
