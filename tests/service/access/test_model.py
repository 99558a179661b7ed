"""docs/access.md says who may do what as the program does."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from service.access.model import APART, DAYS, RIGHTS, Right, Role, require_apart
from service.access.passwords import SHORTEST
from service.errors import InvalidError
from service.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs/access.md").read_text(encoding="utf-8")


def test_the_table_has_every_right_of_every_role() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| `") or line.startswith("| right")]
    told = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in lines}
    assert told["right"] == [f"`{role.value}`" for role in Role]
    for right in Right:
        assert told[f"`{right.value}`"] == ["yes" if right in RIGHTS[role] else "" for role in Role], right


def test_the_page_has_the_roles_that_may_not_meet() -> None:
    told = {
        (frozenset(cell.strip(" `") for cell in line.split("|")[1:3]), line.split("|")[3].strip())
        for line in PAGE.splitlines()
        if line.count("|") == 4 and line.split("|")[1].strip(" `") in {*Role}
    }
    machines = (Role.PHONE_SYSTEM, Role.NODE)
    meant = {
        (next((frozenset({one, "any other"}) for one in machines if one in pair), pair), why)
        for pair, why in APART.items()
    }
    assert told == meant


def test_a_set_of_roles_is_refused_where_it_holds_a_pair_and_only_there() -> None:
    for count in range(len(Role) + 1):
        for roles in map(frozenset, combinations(Role, count)):
            if any(pair <= roles for pair in APART):
                with pytest.raises(InvalidError, match="nobody is both"):
                    require_apart(roles)
            else:
                require_apart(roles)
    require_apart(frozenset({Role.REVIEWER, Role.CASE_OFFICER, Role.MAILROOM}))


def test_the_numbers_are_the_defaults() -> None:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    assert f"at least {SHORTEST} characters" in PAGE
    assert f"expires after {DAYS} days" in PAGE
    assert settings.sign_in_tries == 5
    assert f"lock the account for {settings.lock_minutes} minutes for all but" in PAGE
    assert f"after {settings.session_minutes} minutes without a request" in PAGE
    assert f"after {settings.session_hours} hours in any case" in PAGE
