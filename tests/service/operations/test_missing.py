"""What a list would leave out is found, told, and forgotten once it is put right."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from service.operations.missing import LISTED, LeftOut, Listed
from service.registry.journal import RESTRICTION
from service.registry.registry import Registry
from service.registry.tables import restriction_version
from service.storage import unread
from service.storage.database import metadata
from tests.service.registry.listings import ASKER, restriction


@pytest.mark.parametrize("gone", [{"state": "odd"}, {"state": "a"}, {"state": "zz"}, {"latest": False}])
def test_it_is_found_and_forgotten_when_it_is_put_right(registry: Registry, gone: dict[str, object]) -> None:
    for id_ in ("R1", "R2"):
        registry.restrictions.create(ASKER, restriction(id_))
    looking = LeftOut(registry.journal.database, registry.journal.vault)
    looking.look()
    assert unread.counts(registry.journal.vault) == {}
    for values, counted in ((gone, {RESTRICTION: 1}), ({"state": "standing", "latest": True}, {})):
        with registry.journal.database.write() as connection:
            connection.execute(
                update(restriction_version).where(restriction_version.c.id == "R1").values(**values)
            )
        looking.look()
        assert unread.counts(registry.journal.vault) == counted
    assert looking.look() == 0


def test_every_table_that_is_listed_by_its_state_or_its_latest_version_is_looked_through() -> None:
    by_state = {"account"}  # an account in another state lets nobody in, and is listed all the same
    asked = {name for name, table in metadata.tables.items() if "latest" in table.c or "state" in table.c}
    marked = {name for name in asked if "mac" in metadata.tables[name].c}
    assert {one.table.name for one in LISTED} == marked - by_state
    assert all(isinstance(one, Listed) for one in LISTED)
