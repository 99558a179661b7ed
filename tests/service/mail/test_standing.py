"""What a reviewer decides reaches the letter: its tray, its prison's mailroom, and nobody else."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex

import pytest
from msgspec import structs
from sqlalchemy import text

from service.access.model import Principal, Role
from service.mail.items import MailItem
from service.migrations import schema
from service.review.model import Outcome
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.console.conftest import Console, console_on
from tests.service.databases import MASTER
from tests.service.mail.mailing import ELSEWHERE, HERS, MO, SCANNER, decide, put, typed


def begun(console: Console) -> None:
    console.restrict()
    console.system.trays.begin(SCANNER, "T1", "LEI", None)


def now(console: Console, item: MailItem) -> tuple[str, str]:
    """As the tray's manifest says."""
    entries = {one.id: one for one in console.system.trays.manifest(SCANNER, "T1")}
    shown = console.system.mail.get(SCANNER, "T1", item.id)
    assert (shown.standing, shown.todo) == (entries[item.id].standing, entries[item.id].todo)
    return entries[item.id].standing, entries[item.id].todo


def asked(console: Console, identifier: str, who: Principal = SCANNER) -> str:
    """As the asker is told, by a new key of the same rights."""
    headers = console.key_of(structs.replace(who, id=f"key:{token_hex(4)}"))
    answer = console.stranger().get(f"/v1/reviews/letter/{identifier}", headers=headers)
    return str(answer.json().get("state", answer.status_code))


@pytest.mark.parametrize(
    ("outcome", "state", "todo"),
    [(Outcome.RELEASE, "released", "post"), (Outcome.UPHOLD, "stopped", "return")],
)
def test_what_a_reviewer_decides_reaches_the_letter_s_tray_and_its_asker(
    console: Console, outcome: Outcome, state: str, todo: str
) -> None:
    begun(console)
    item = put(console, "T1", f"?{ELSEWHERE}")
    assert (item.decision, now(console, item), asked(console, item.id)) == ("flag", ("held", "keep"), "held")
    decide(console, outcome)
    assert (now(console, item), asked(console, item.id)) == ((state, todo), state)
    assert console.system.trays.get(SCANNER, "T1").held == 0


def test_what_was_answered_at_once_needs_no_reviewer(console: Console) -> None:
    begun(console)
    assert now(console, put(console, "T1", ELSEWHERE)) == ("allowed", "post")
    assert now(console, put(console, "T1", HERS)) == ("stopped", "return")


def test_a_release_is_of_what_was_asked_about_and_not_of_what_is_typed_after_it(console: Console) -> None:
    begun(console)
    item = put(console, "T1", f"?{ELSEWHERE}")
    decide(console, Outcome.RELEASE)
    item = typed(console, console.system.mail.get(MO, "T1", item.id), HERS)
    assert now(console, item) == ("stopped", "return")
    item = typed(console, item, ELSEWHERE)
    assert now(console, item) == ("held", "keep"), "one officer does not let go what was stopped"


def test_the_same_picture_after_a_release_is_perhaps_another_letter(console: Console) -> None:
    begun(console)
    first = put(console, "T1", f"?{ELSEWHERE}")
    assert put(console, "T1", f"?{ELSEWHERE}") == first, "a lost answer is given again"
    decide(console, Outcome.RELEASE)
    again = put(console, "T1", f"?{ELSEWHERE}")
    assert (again.id == first.id, again.todo) == (False, "keep")
    assert put(console, "T1", f"?{ELSEWHERE}") == again, "a lost answer is given again"
    tray = console.system.trays.get(MO, "T1")
    assert (tray.released, tray.held, tray.in_the_way is None) == (1, 1, False), "counted, and in the queue"
    decide(console, Outcome.UPHOLD)
    assert (now(console, first), now(console, again)) == (("released", "post"), ("stopped", "return"))


def test_the_same_picture_after_an_officer_let_it_go_is_perhaps_another_letter(console: Console) -> None:
    begun(console)
    first = typed(console, put(console, "T1", f"?{ELSEWHERE}"), ELSEWHERE)
    assert first.todo == "post"
    again = put(console, "T1", f"?{ELSEWHERE}")
    assert (again.id == first.id, again.todo) == (False, "keep")


def test_nobody_of_another_prison_nor_the_switch_is_told(console: Console) -> None:
    begun(console)
    item = put(console, "T1", f"?{ELSEWHERE}")
    there = frozenset({"MDI"})
    assert asked(console, item.id, Principal("key:other", SCANNER.roles, there)) == "404"
    assert asked(console, item.id, Principal("key:here", SCANNER.roles, frozenset({"LEI"}))) == "held"
    assert asked(console, item.id, Principal("key:phones", frozenset({Role.PHONE_SYSTEM}))) == "403"
    assert asked(console, "A" * 16) == "404"


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE mail_item SET decision = 'allow', action = 'post'",
        "UPDATE review_item SET outcome = 'release', state = 'settled', effective_at = at",
        "UPDATE mail_asked SET seq = (SELECT max(seq) FROM mail_asked)",
    ],
)
def test_nobody_releases_a_letter_in_the_database(console: Console, forgery: str) -> None:
    begun(console)
    item = put(console, "T1", f"?{ELSEWHERE}")
    put(console, "T1", f"?{ELSEWHERE}|another")
    decide(console, Outcome.RELEASE)
    with console.system.database.write() as connection:
        connection.execute(text(forgery))
    assert now(console, item) == ("held", "keep")


MADE_SINCE = (
    "mail_asked", "case_version", "case_figure", "monitoring_version", "case_key", "case_message",
    "directory_version", "feed_change", "node", "node_report", "node_reached", "node_picture",
    "node_installation",
)  # fmt: skip
"""Tables of later steps."""


def test_a_letter_that_was_held_before_the_upgrade_has_its_way_back(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    with console_on(database, vault, tmp_path) as console:
        begun(console)
        item = put(console, "T1", f"?{ELSEWHERE}")
    with database.write() as connection:
        for statement in (
            *(f"DROP TABLE {name}" for name in MADE_SINCE),
            "ALTER TABLE phone_drift DROP COLUMN review",
            "ALTER TABLE phone_drift DROP COLUMN basis",
            "ALTER TABLE mail_tray DROP COLUMN closed_at",
            "ALTER TABLE mail_tray DROP COLUMN closed_by",
            "UPDATE alembic_version SET version_num = '0003'",
        ):
            connection.execute(text(statement))
    schema.upgrade(database, MASTER)
    with console_on(database, vault, tmp_path) as console:
        assert now(console, item) == ("held", "keep")
        decide(console, Outcome.RELEASE)
        assert now(console, item) == ("released", "post")
