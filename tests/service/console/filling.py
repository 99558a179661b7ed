"""A console with something on every page."""

from __future__ import annotations

from pathlib import Path

from adapters.pin_phone.lists import ListedNumber
from engine.model import ConfidentialEntry, Contact, ProtectedPerson
from service.access.model import Principal, Role
from service.mail.items import MailItem, Reading
from service.phone_lists.lists import PhoneLists
from service.registry.policies import Mode
from tests.adapters.mailroom.drawing import encoded, envelope
from tests.service.cases.asking import SECOND, considered
from tests.service.console.conftest import NUMBER, OFFICER, PRISONER, Console

PHONE_LIST = (
    ListedNumber(id="1", name="A friend", number=NUMBER),
    ListedNumber(id="2", name="A solicitor", number="020 7946 0018", legal=True),
    ListedNumber(id="3", name="His mother", number="020 7946 0019"),
)
"""On everybody's list in the phone system."""
MAILROOM = Principal("key:scanner", frozenset({Role.MAILROOM}))
ANN = Principal("oidc:ann", frozenset({Role.CASE_OFFICER}), person=True)
"""Whose windows are looked at."""
ADMIN = Principal("operator:test", frozenset({Role.ADMIN}), person=True)


def _letter(console: Console) -> dict[str, str]:
    """A tray with one letter, of which the reader was not sure."""
    mail, now = console.system.mail, console.clock()
    console.system.trays.begin(MAILROOM, "MONDAY-1", "LEI", 3)
    reading = Reading(
        name="0001.jpg", to="Mr T Okafor\n14 Larkmaed Street\nAmbermouth\nLS1 4AB", prisoner=PRISONER
    )
    item = MailItem(
        id="ABCDEFGHIJKLMNOP",
        tray="MONDAY-1",
        place=0,
        establishment="LEI",
        taken_at=now,
        version=1,
        decision="flag",
        action="hold",
        confidence=0.6,
        privileged=False,
        done_at=None,
        reading=reading,
    )
    picture = encoded(envelope(tuple(reading.to.split("\n")), ("From: X1234BC",), tilt=3), "JPEG")
    add = mail.adding(MAILROOM, item, (picture,), now)
    seq = console.attempt(f"mail-{item.id}-1-01234567", channel="letter", to=reading.to, prisoner="X9999BC")
    with console.system.database.write() as connection:
        add(connection, seq)
    return {"tray": item.tray, "item": item.id}


def fill(console: Console) -> dict[str, str]:
    """Put something on every page; gives the ids that addresses name."""
    registry, access = console.system.registry, console.system.access
    console.restrict(protected=ProtectedPerson(name="Rhoswen Tallantyre"))
    dates = {"from_": "2026-01-01", "until": "2031-12-31", "court_order": "Non-molestation order"}
    console.restrict(
        id="2026-UPC-004711",
        prisoner=("X3456BC", "X4567BC"),
        pathway=2,
        establishment=("LEI", "MDI"),
        **dates,
    )
    console.restrict(id="R2", prisoner="X2345BC", pathway=1, protected=ProtectedPerson(name="Ann Okafor"))
    registry.prisoners.move(OFFICER, PRISONER, "LEI")
    items = [
        console.flag(f"C{number}", prisoner="X2345BC" if number % 2 else PRISONER) for number in range(6)
    ]
    letter = "Mr T Okafor\n14 Larkmaed Street\nAmbermouth\nLS1 4AB"
    items.append(console.attempt("L1", channel="letter", to=letter, prisoner="X9999BC"))
    console.attempt("blocked")
    console.system.reconciler.lists = PhoneLists(registry, lambda prisoner: PHONE_LIST)
    console.system.reconciler.now()
    asked = registry.restrictions.withdraw_request(OFFICER, "R1", 1, "1", "she asked").approval
    assert asked is not None
    policy = Path("engine/policy.toml").read_text(encoding="utf-8")
    registry.policies.propose(ADMIN, policy, Mode.SHADOW, "to see")
    access.accounts.create(ADMIN, "jsmith", "Jo Smith", [Role.REVIEWER], ["LEI"])
    access.keys.create(ADMIN, "switch", [Role.PHONE_SYSTEM], ["LEI"], label="switch at Leeds")
    entry = ConfidentialEntry(
        id="E1",
        name="Ambermouth Law",
        kind="solicitor",
        contacts=(Contact(kind="phone", value="020 7946 0018"),),
    )
    waits = registry.register.add(OFFICER, entry, "looked up").approval
    assert waits is not None
    registry.approvals.view(SECOND, waits.id, "to confirm")
    registry.approvals.confirm(SECOND, waits.id)
    case = considered(console.system.cases)
    console.system.cases.view(ANN, case, "to look at it")
    return {
        "case_id": case.id,
        "seq": str(items[-1]),
        "restriction_id": "R1",
        "entry_id": "E1",
        "number": PRISONER,
        "approval_id": asked.id,
        "place": "LEI",
        "code": "LEI",
        "name": "jsmith",
        "key_id": "switch",
        **_letter(console),
    }
