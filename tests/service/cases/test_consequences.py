"""Who else has what is about to be listed, told in ids and counts, and only those that the reader may see."""

from __future__ import annotations

from sqlalchemy import insert

from engine.model import Contact, Exemption
from engine.policy import read_policy
from service.access.model import Principal
from service.cases.consequences import PointMeans, consequences
from service.cases.looking_back import PointTried, look_back
from service.phone_lists.tables import phone_entry
from service.registry import lookup
from service.registry.registry import Registry
from tests.service.cases.test_looking_back import HUB, LEEDS, allowed
from tests.service.registry.listings import (
    ANOTHER,
    ASKER,
    HIS,
    NUMBER,
    SECOND,
    THIRD,
    Clock,
    confirmed,
    entry,
    phones,
    restriction,
)

OFFICE = "020 7946 0321"
DOOR = "12 Larkmead Street, Ambermouth, LS1 4AB"
WANTED = restriction(
    "C1",
    contacts=(
        *phones(f"{NUMBER} (after six), {OFFICE}"),
        Contact(kind="address", value=DOOR),
        Contact(kind="email", value="m@example.org"),
    ),
)


def means(registry: Registry, by: Principal) -> list[PointMeans]:
    looked = look_back(registry.journal, by, WANTED, read_policy())
    return consequences(registry, by, WANTED, looked, None)


def test_each_contact_point_has_its_own(registry: Registry, clock: Clock) -> None:
    asked = registry.register.add(ASKER, entry("E1", contacts=phones(OFFICE)), "the Law Society").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)
    registry.prisoners.move(ASKER, HIS, "LEI")
    registry.prisoners.move(ASKER, ANOTHER, "MDI")
    exempt = Exemption(prisoner=THIRD, contact="+44 7700 900123", note="her brother")
    registry.restrictions.create(ASKER, restriction("OURS", exceptions=(exempt,)))
    registry.restrictions.create(ASKER, restriction("GONE", until="2026-05-01", from_="2026-01-01"))
    registry.restrictions.create(ASKER, restriction("THEIRS", prisoner=ANOTHER))
    next_door = (Contact(kind="address", value=DOOR.replace("12", "14")),)
    registry.restrictions.create(ASKER, restriction("NEXT", contacts=next_door))
    (digest,) = lookup.value_digests(registry.journal.vault, NUMBER)
    with registry.journal.database.write() as connection:
        connection.execute(
            insert(phone_entry),
            [
                {"prisoner": who, "number": digest, "confidential": False, "sealed": b""}
                for who in (HIS, ANOTHER)
            ],
        )
    allowed(registry, 1, "LEI", NUMBER)
    allowed(registry, 2, "LEI", OFFICE)
    allowed(registry, 3, "LEI", "07700 900555")

    phone, door, email = means(registry, LEEDS)
    assert phone.register == (entry("E1").kind,)
    assert (phone.restrictions, phone.other_restrictions, phone.excepted) == (("OURS",), 1, ("OURS",))
    assert (phone.is_on_his_list, phone.lists) == (True, 1)
    assert (phone.tried.blocked, phone.tried.flagged, phone.tried.prisoners) == (2, 0, frozenset({HIS}))
    nothing = PointMeans((), (), (), 0, (), False, 0, PointTried(0, 0, frozenset()), 0, is_more=False)
    assert door == email == nothing
    assert means(registry, HUB)[0].restrictions == ("OURS", "THEIRS")


def test_a_public_body_is_named(registry: Registry, clock: Clock) -> None:
    prison = restriction("C2", contacts=(Contact(kind="address", value="HMP Leeds, LS12 2TJ"),))
    looked = look_back(registry.journal, HUB, prison, read_policy())
    (found,) = consequences(registry, HUB, prison, looked, None)
    assert "Leeds" in " ".join(found.bodies)
