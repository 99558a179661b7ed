"""Candidates on a case's page: seen by who opened it, recorded, confirmed by a person alone."""

from __future__ import annotations

from io import BytesIO

from service.access.model import Role
from service.cases.looking_again import LookingAgain
from service.cases.model import CaseState
from service.ledger.tables import ledger
from service.registry.directory_import import import_prisoners
from tests.service.cases.asking import HIS, OFFICER
from tests.service.console.conftest import Console
from tests.service.console.test_cases import do, keyed


def received(console: Console, *lines: str) -> None:
    text = "\n".join(("number,name,born,prison", *lines)).encode()
    import_prisoners(console.system.registry, "operator:test", BytesIO(text))


def test_a_person_confirms_a_candidate_with_what_speaks_for_him(console: Console) -> None:
    received(console, f'{HIS},"BLACKMERE, Corin <i>Hale",1981-05-03,LEI', "B1111BB,Osric Venn,,LEI")
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    id_ = keyed(console, visitor)
    page = visitor.get(f"/cases/{id_}").text
    assert "BLACKMERE, Corin &lt;i&gt;Hale" in page
    assert f"his number is {HIS}, as told" in page
    assert "Osric" not in page
    assert console.system.cases.get(OFFICER, id_).prisoner is None
    with console.system.database.read() as connection:
        seen = connection.execute(ledger.select().where(ledger.c.subject == "directory")).all()
    assert [row.actor for row in seen] == ["oidc:ida"]
    stranger = console.visitor(Role.CASE_OFFICER, name="eve")
    assert "BLACKMERE" not in stranger.get(f"/cases/{id_}").text
    (found,) = console.system.cases.candidates.every(
        console.system.cases.get(OFFICER, id_).document.asked.sought
    )
    assert do(console, visitor, id_, "prisoner", prisoner=HIS, because=found.because).status_code == 303
    case = console.system.cases.get(OFFICER, id_)
    assert (case.prisoner, case.document.because) == (HIS, found.because)
    assert "A person confirms." not in visitor.get(f"/cases/{id_}").text


def test_the_list_and_the_case_say_that_somebody_like_that_has_come_in(console: Console) -> None:
    console.system.looking_again.stop()
    again = LookingAgain(console.system.registry, console.system.cases)
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    id_ = keyed(console, visitor)
    assert "Nobody in the directory is like that." in visitor.get(f"/cases/{id_}").text
    assert do(console, visitor, id_, "not-found", because="nobody in the north").status_code == 303
    assert "somebody like that has come in" not in visitor.get("/cases").text
    assert id_ not in visitor.get("/cases?which=come_in").text
    again.step()
    received(console, f"{HIS},Corin Blackmere,,LEI")
    assert again.step() == 1
    assert id_ in visitor.get("/cases?which=come_in").text
    listed = visitor.get("/cases?which=overdue").text
    assert id_ in listed
    assert "somebody like that has come in" in listed
    assert "Corin" not in listed
    page = visitor.get(f"/cases/{id_}").text
    assert "Somebody like that has come in since." in page
    assert "nobody in the north" not in page  # why nobody was found is no reason that it is he
    assert "came in since" in page
    assert do(console, visitor, id_, "not-found", because="it is none of them").status_code == 303
    assert "somebody like that has come in" not in visitor.get("/cases").text
    assert console.system.cases.get(OFFICER, id_).state is CaseState.NOT_FOUND
