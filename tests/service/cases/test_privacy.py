"""No planted detail stands anywhere plain: in the tables, in the ledger, in an error, in the log."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from engine.model import Contact
from service.cases.cases import Cases
from service.errors import ServiceError
from service.public.asked import Asker, Protected, Sought
from service.registry.registry import Registry
from service.storage.database import metadata
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, asked

PLANTED = (
    "Plantedname",
    "01632 960777",
    "planted@example.org",
    "Plantedstreet",
    "plantedword",
    "Plantedasker",
)


def test_a_case_from_end_to_end_leaves_nothing_plain(
    cases: Cases, registry: Registry, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    request = asked(
        asker=Asker(who="family", name="Plantedasker", phone="01632 960777", safely="plantedword"),
        sought=Sought(name="Plantedname Blackmere", number=HIS),
        person=Protected(
            name="Plantedname Thistlewood", numbers=("01632 960777",), addresses=("7 Plantedstreet",)
        ),
        happened="plantedword",
        court_order="plantedword",
    )
    contacts = (
        Contact(kind="phone", value="01632 960777"),
        Contact(kind="email", value="planted@example.org"),
        Contact(kind="address", value="7 Plantedstreet, Northmarch"),
    )
    case = cases.key_in(OFFICER, request, "telephone", "plantedword")
    errors = []
    for number, version in (("plantedword", 1), (HIS, 9)):
        with pytest.raises(ServiceError) as refused:
            cases.confirm_prisoner(OFFICER, case.id, version, number, "plantedword")
        errors.append(refused.value.detail)
    case = cases.confirm_prisoner(OFFICER, case.id, 1, HIS, "plantedword")
    case = cases.list_contacts(OFFICER, case.id, 2, contacts)
    case = cases.note(OFFICER, case.id, 3, "plantedword", "plantedword")
    case = cases.approve(OFFICER, case.id, 4, replace(PATHWAYS[3], left_out="plantedword")).case
    case = cases.hold_notice(OFFICER, case.id, case.version, "plantedword")
    case = cases.hold_notice(SECOND, case.id, case.version, "plantedword")
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "Plantedname")
    case = cases.call_back(OFFICER, case.id, case.version, "plantedword", "yes")
    cases.view(OFFICER, case, "plantedword")
    told = capsys.readouterr()
    plain = [*errors, told.out, told.err, caplog.text]
    with registry.journal.database.read() as connection:
        for table in metadata.tables.values():
            plain += [repr(tuple(row)) for row in connection.execute(select(table))]
    for text in plain:
        for planted in PLANTED:
            assert planted.lower() not in text.lower(), text[:200]
