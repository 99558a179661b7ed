"""Every page beside every role, by the table in `places`."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from service.access.model import Role
from service.storage import sealing
from tests.service.console.conftest import Console, console_on
from tests.service.console.places import ANYBODY, EVERYBODY, MAY, filled, routes
from tests.service.databases import MASTER, sqlite_in

VALUES = {
    "seq": "99999",
    "restriction_id": "R404",
    "entry_id": "E404",
    "number": "X0404XX",
    "approval_id": "0" * 16,
    "place": "LEI",
    "code": "LEI",
    "name": "nobody",
    "key_id": "no-such-key",
    "tray": "no-such-tray",
    "item": "A" * 16,
    "case_id": "C-22222222",
    "act": "note",
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One console for the whole table."""
    folder = tmp_path_factory.mktemp("places")
    database = sqlite_in(folder)
    with console_on(database, sealing.open_vault(database, MASTER), folder) as console:
        yield console
    database.close()


def test_the_table_has_every_page_and_no_other() -> None:
    assert sorted(routes()) == sorted(MAY)


# Live counts do not end; and a password is refused here, as these people come through an issuer.
ASKED = [one for one in MAY if one not in ("GET /queue/counts", "POST /password")]


@pytest.mark.parametrize("place", ASKED)
def test_each_role_gets_where_the_table_says(empty: Console, place: str) -> None:
    method, _, pattern = place.partition(" ")
    path, may = filled(pattern, VALUES), MAY[place]
    for role in Role:
        visitor = empty.visitor(role, name=f"one-{role}")
        status = (visitor.get(path) if method == "GET" else visitor.post(path)).status_code
        allowed = may == ANYBODY or role in may  # type: ignore[operator]
        assert (status != 403) == allowed, (place, role, status)
        assert status < 500, (place, role, status)


LONG = ("9" * 5_000, "000001" + "9" * 4_400, "9" * 20)
"""Numbers that nobody types: with more digits than Python reads, and more than a database holds."""
FIELDS = ("page", "before", "seq", "days", "year", "version", "token", "counted", "enclosed", "after")
"""Fields of forms and addresses that hold one."""


@pytest.mark.parametrize("place", [one for one in ASKED if "{" not in one or "number" in one or "seq" in one])
def test_a_number_that_nobody_types_breaks_no_page(empty: Console, place: str) -> None:
    method, _, pattern = place.partition(" ")
    may = EVERYBODY if MAY[place] == ANYBODY else MAY[place]
    visitor = empty.visitor(*may - {Role.ADMIN} or may, name="many")  # type: ignore[operator,misc]
    for number in LONG:
        path = filled(pattern, VALUES | {"seq": number, "number": number})
        if method == "POST":
            form = dict.fromkeys(FIELDS, number) | {"policy": "floor = 1", "name": "A", "contacts": "1"}
            statuses = [visitor.post(path, **form).status_code]
        else:
            statuses = [visitor.get(f"{path}?{name}={number}").status_code for name in FIELDS]
        assert max(statuses) < 500, (place, number[:20])


@pytest.mark.parametrize("place", [one for one, may in MAY.items() if may != ANYBODY])
def test_who_is_not_signed_in_is_sent_to_sign_in(empty: Console, place: str) -> None:
    method, _, pattern = place.partition(" ")
    path = filled(pattern, VALUES)
    answer = empty.stranger().request(method, path, follow_redirects=False)
    on = f"?{urlencode({'then': path})}" if method == "GET" and path != "/" else ""
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in{on}")


def test_only_reviewers_have_live_counts(empty: Console) -> None:
    for role in set(Role) - {Role.REVIEWER}:
        assert empty.visitor(role).get("/queue/counts").status_code == 403
