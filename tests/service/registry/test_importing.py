"""Lists in and out: what is bad is told, what is missing is not lifted unasked, and twice is as once."""

from __future__ import annotations

import random
import re
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from benchmarks import estate
from engine.blocklist import compile_blocklist
from engine.model import Restriction
from service.ledger.tables import ledger
from service.registry import point
from service.registry.importing import (
    Imported,
    export_register,
    export_restrictions,
    import_register,
    import_restrictions,
)
from service.registry.model import ListingState
from service.registry.registry import Registry
from service.registry.tables import approval, finder, outbox, restriction_prisoner, restriction_version
from service.storage import sealing
from tests.repeating import times
from tests.service.databases import MASTER, sqlite_in
from tests.service.registry.listings import (
    ANOTHER,
    ASKER,
    SECOND,
    Clock,
    confirmed,
    entry,
    exempt,
    home,
    phones,
    restriction,
)

BY = "user:asker"
RECORD_ID = re.compile(rb'\{"id":"(\w+)"')


def lines(*listings: object) -> BytesIO:
    return BytesIO(b"".join(msgspec.json.encode(one) + b"\n" for one in listings))


def several(count: int) -> list[Restriction]:
    return [restriction(f"R{n:04}", f"01632 960{n % 1000:03}") for n in range(count)]


def put(registry: Registry, *listings: object, replace: bool = False) -> Imported:
    return import_restrictions(registry, BY, lines(*listings), replace=replace)


def standing(registry: Registry) -> list[Restriction]:
    with registry.journal.database.read() as connection:
        rows = registry.versions.standing(connection)
        return [registry.versions.effective(*row) for row in rows]


def version(registry: Registry) -> str:
    with registry.journal.database.read() as connection:
        register = [registry.register.entry(*row) for row in registry.register.standing(connection)]
    return compile_blocklist(standing(registry), register).version


def test_what_is_new_is_added_and_a_second_run_changes_nothing(registry: Registry) -> None:
    assert put(registry, *several(3)) == Imported(lines=3, added=3)
    assert standing(registry) == several(3)
    last = registry.last_change()
    assert put(registry, *several(3)) == Imported(lines=3, unchanged=3)
    assert registry.last_change() == last


def test_a_change_that_stops_more_is_in_force_at_once(registry: Registry) -> None:
    put(registry, restriction())
    more = restriction(contacts=phones("07700 900123", "07700 900456"))
    assert put(registry, more) == Imported(lines=1, changed=1)
    assert standing(registry) == [more]
    assert registry.versions.get("R1").version == 2


def test_a_change_that_lets_something_through_waits_for_a_second_person(registry: Registry) -> None:
    put(registry, restriction())
    less = restriction(exceptions=exempt(ANOTHER))
    assert put(registry, less) == Imported(lines=1, held=1)
    assert standing(registry) == [restriction()]
    (asked,) = registry.approvals.list()
    assert asked.asked_by == BY
    confirmed(registry, SECOND, asked.id)
    assert standing(registry) == [less]
    assert put(registry, less) == Imported(lines=1, unchanged=1)


def test_what_a_line_adds_is_in_force_before_what_it_takes_off_is_confirmed(registry: Registry) -> None:
    put(registry, restriction())
    moved = restriction(contacts=phones("07700 900456"))
    assert put(registry, moved) == Imported(lines=1, changed=1, held=1)
    assert standing(registry) == [restriction(contacts=(*restriction().contacts, *moved.contacts))]
    assert put(registry, moved) == Imported(lines=1, held=1), "once more, and nothing is added"
    (asked,) = registry.approvals.list()
    confirmed(registry, SECOND, asked.id)
    assert standing(registry) == [moved]


def test_what_nobody_may_ask_for_before_an_order_ends_is_told_and_what_is_added_is_not_lost(
    registry: Registry,
) -> None:
    ordered = restriction(court_order="Restraining order, Ambermouth")
    put(registry, ordered)
    less = restriction(contacts=phones("07700 900456"), court_order=ordered.court_order)
    found = put(registry, less)
    assert (found.changed, found.held) == (1, 0)
    (told,) = found.errors
    assert told.startswith("line 1: a court's order stands")
    assert registry.approvals.list() == []
    assert standing(registry) == [
        restriction(contacts=(*ordered.contacts, *less.contacts), court_order=ordered.court_order)
    ]


def test_a_withdrawn_restriction_that_is_imported_stands_again(registry: Registry) -> None:
    put(registry, restriction())
    asked = registry.restrictions.withdraw_request(ASKER, "R1", 1, "1", "no longer").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)
    assert put(registry, restriction()) == Imported(lines=1, changed=1)
    assert registry.versions.get("R1").state is ListingState.STANDING


def test_a_withdrawn_one_that_lost_a_number_since_stands_again_at_once(registry: Registry) -> None:
    """Nothing of it was in force, so nothing is let through."""
    put(registry, restriction("R1", "07700 900123", "07700 900456"))
    asked = registry.restrictions.withdraw_request(ASKER, "R1", 1, "1", "no longer").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)
    assert put(registry, restriction()) == Imported(lines=1, changed=1)
    assert standing(registry) == [restriction()]


def test_a_whole_list_takes_off_the_few_that_it_does_not_hold(registry: Registry) -> None:
    put(registry, *several(40))
    assert put(registry, *several(39), replace=True) == Imported(lines=39, unchanged=39, removed=1)
    assert standing(registry) == several(39)
    gone = registry.versions.get("R0039")
    assert (gone.state, gone.version, gone.author) == (ListingState.WITHDRAWN, 2, BY)


def test_a_whole_list_that_lost_many_waits_for_a_second_person(registry: Registry) -> None:
    put(registry, *several(40))
    assert put(registry, *several(38), replace=True) == Imported(lines=38, unchanged=38, held=2)
    assert standing(registry) == several(40)
    (asked,) = registry.approvals.list()
    assert asked.subject.startswith("2 restrictions")
    confirmed(registry, SECOND, asked.id)
    assert standing(registry) == several(38)
    gone = registry.versions.get("R0039")
    assert (gone.state, gone.author, gone.confirmed_by) == (ListingState.WITHDRAWN, BY, "user:second")


def test_a_list_that_is_not_whole_takes_nothing_off(registry: Registry) -> None:
    put(registry, *several(40))
    assert put(registry, *several(39)) == Imported(lines=39, unchanged=39)
    assert standing(registry) == several(40)


def test_nothing_is_taken_off_where_a_line_could_not_be_read(registry: Registry) -> None:
    put(registry, *several(40))
    file = BytesIO(lines(*several(39)).getvalue() + b"{not json\n")
    done = import_restrictions(registry, BY, file, replace=True)
    assert (done.removed, done.held, len(done.errors)) == (0, 0, 1)
    assert standing(registry) == several(40)


def test_bad_lines_are_told_by_number_and_field_and_no_value_and_the_others_are_taken_in(
    registry: Registry,
) -> None:
    good = msgspec.json.encode(restriction())
    bad_number = msgspec.json.encode(restriction("R2", "07700 900456", "seven secrets"))
    bad = [
        b"{secret",
        msgspec.json.encode(restriction("R3", "seven secrets")),
        msgspec.json.encode(restriction("R4", prisoner="SECRET")),
        msgspec.json.encode(restriction("history")),
        b'{"id": "R5", "secret": 1}',
        b"\xff\xfe",
    ]
    file = BytesIO(b"\n".join([good, bad_number, *bad, good]) + b"\n")
    done = import_restrictions(registry, BY, file)
    assert (done.lines, done.added) == (9, 2)
    told = [error.split(": ")[:2] for error in done.errors]
    assert told == [
        ["line 2", "contacts[1].value"],
        ["line 3", "not JSON"],
        ["line 4", "contacts[0].value"],
        ["line 5", "prisoner"],
        ["line 6", "id"],
        ["line 7", told[5][1]],
        ["line 8", told[6][1]],
        ["line 9", "id"],
    ]
    assert done.errors[-1] == "line 9: id: stands on line 1 already"
    assert "secret" not in "".join(done.errors).replace("`secret`", "").lower()
    assert [one.id for one in standing(registry)] == ["R1", "R2"]
    assert standing(registry)[1].contacts == phones("07700 900456")


def test_of_two_lines_with_one_id_the_first_counts(registry: Registry) -> None:
    done = put(registry, restriction(), restriction(contacts=phones("07700 900456")))
    assert (done.added, done.errors) == (1, ("line 2: id: stands on line 1 already",))
    assert standing(registry) == [restriction()]


class BrokenOff(BytesIO):
    """A file that cannot be read to its end."""

    def readline(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 2 * len(self.getbuffer()) // 3:
            raise OSError("the disk is gone")
        return super().readline(size)


def test_an_import_that_was_broken_off_is_simply_run_again(registry: Registry) -> None:
    every = several(900)
    with pytest.raises(OSError, match="the disk is gone"):
        import_restrictions(registry, BY, BrokenOff(lines(*every).getvalue()), replace=True)
    part = len(standing(registry))
    assert 0 < part < 900
    assert put(registry, *every, replace=True) == Imported(lines=900, added=900 - part, unchanged=part)
    assert standing(registry) == every


def test_what_is_exported_makes_the_same_blocklist_elsewhere(registry: Registry, tmp_path: Path) -> None:
    put(
        registry,
        restriction(exceptions=exempt(ANOTHER), court_order="K1/2026", from_="2026-01-01"),
        restriction(
            "R2", contacts=home("Flat 2, 10 High Street, Leeds LS1 4AB"), prisoner=("A1234BC", ANOTHER)
        ),
        restriction("R3", scope="prisoner", establishment="LEI", contacts=phones("496 0123")),
        restriction("R4"),
    )
    import_register(
        registry,
        BY,
        lines(
            entry(),
            {"name": "Samaritans", "kind": "helpline", "contacts": [{"kind": "phone", "value": "116 123"}]},
        ),
    )
    asked = registry.restrictions.withdraw_request(ASKER, "R4", 1, "1", "no longer").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)
    restrictions, register = BytesIO(), BytesIO()
    assert export_restrictions(registry, BY, restrictions) == (3, [])
    assert export_register(registry, BY, register) == (2, [])

    elsewhere_folder = tmp_path / "elsewhere"
    elsewhere_folder.mkdir()
    database = sqlite_in(elsewhere_folder)
    elsewhere = Registry(database, sealing.open_vault(database, MASTER), Clock())
    restrictions.seek(0)
    register.seek(0)
    assert import_restrictions(elsewhere, BY, restrictions) == Imported(lines=3, added=3)
    assert import_register(elsewhere, BY, register) == Imported(lines=2, added=2)
    assert version(elsewhere) == version(registry)
    database.close()


def test_a_whole_register_takes_off_what_it_does_not_hold(registry: Registry) -> None:
    both = [entry(), entry("E2", "020 7946 0322")]
    assert import_register(registry, BY, lines(*both)) == Imported(lines=2, added=2)
    assert import_register(registry, BY, lines(*both)) == Imported(lines=2, unchanged=2)
    assert import_register(registry, BY, lines(both[0]), replace=True) == Imported(
        lines=1, unchanged=1, removed=1
    )
    assert [one.id for one in registry.register.list().entries] == ["E1"]
    assert import_register(registry, BY, lines(*both)) == Imported(lines=2, changed=1, unchanged=1)


def drawn(count: int, seed: int) -> list[bytes]:
    """Lines of every kind: whole, changed, repeated, of a registered number, in part or not to be read."""
    rng = random.Random(seed)
    plain = [msgspec.json.encode(one) for one in estate.full_restrictions(count, seed)]
    made: list[bytes] = []
    for number, line in enumerate(plain):
        other = rng.choice(plain)
        made.append(line)
        made += rng.choice(
            [
                [],
                [],
                [line[: rng.randrange(len(line))]],
                [line],
                [b"\xff" + line],
                [line.replace(b"person", b"no person ").replace(b'"R', b'"P')],
                [msgspec.json.encode(restriction(f"S{number}", "020 7946 0321", "01632 960555"))],
                [msgspec.json.encode(restriction(f"T{number}", "020 7946 0321"))],
                [msgspec.json.encode(restriction(f"U{number}", "4.477009E+11", "01632 960555"))],
                [other.replace(b'"id":"R', b'"id":"V')],
                [b'{"id":"\\ud800"}'],
            ]
        )
    return made


def told(errors: tuple[str, ...]) -> list[str]:
    """What is told of lines, whatever their numbers."""
    return sorted(error.partition(": ")[2] for error in errors if "stands on line" not in error)


def everything(registry: Registry) -> dict[str, list[tuple[object, ...]]]:
    """What an import leaves behind, but for times, and numbers: what waits is asked for behind its chunk."""
    tables = (restriction_version, restriction_prisoner, finder, outbox, approval, ledger)
    apart = {"at", "asked_at", "hash", "sealed", "seq", "mac"}
    found: dict[str, list[tuple[object, ...]]] = {}
    with registry.journal.database.read() as connection:
        for table in tables:
            drawn_ids = {"id"} if table is approval else set()
            columns = [one for one in table.columns if one.name not in apart | drawn_ids]
            rows = [tuple(row) for row in connection.execute(select(*columns))]
            rows = [row for row in rows if table is approval or "approval" not in repr(row)]
            found[table.name] = sorted(rows, key=repr)
        documents: list[tuple[object, ...]] = [
            (id_, version, registry.versions.document(id_, sealed, version))
            for id_, sealed, version in registry.versions.standing(connection)
        ]
    return found | {"documents": documents}


@pytest.mark.parametrize("seed", range(times(3)))
def test_many_lines_at_once_leave_what_each_by_itself_would(tmp_path: Path, seed: int) -> None:
    made = drawn(120, seed)
    left = []
    for way in ("at once", "one by one"):
        folder = tmp_path / way
        folder.mkdir()
        database = sqlite_in(folder)
        own = Registry(database, sealing.open_vault(database, MASTER), Clock())
        asked = own.register.add(ASKER, entry(), "seen").approval
        assert asked is not None
        confirmed(own, SECOND, asked.id)
        if way == "at once":
            errors = import_restrictions(own, BY, BytesIO(b"\n".join(made))).errors
        else:
            errors, seen = (), set()
            for line in made:
                point.forget()
                read_before = RECORD_ID.match(line)
                if read_before and line.endswith(b"}") and read_before[1] in seen:
                    continue  # which in one file is an error of its own
                errors += import_restrictions(own, BY, BytesIO(line)).errors
                if read_before and line.endswith(b"}"):
                    seen.add(read_before[1])
        left.append((told(errors), everything(own)))
        database.close()
    (told_at_once, at_once), (told_one_by_one, one_by_one) = left
    assert told_at_once == told_one_by_one
    for name, rows in at_once.items():
        assert rows == one_by_one[name], name
    assert len(told_at_once) > 20
    assert len(at_once["documents"]) > 120
