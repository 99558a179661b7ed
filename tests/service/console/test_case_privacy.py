"""What is protected of a case reaches no page, file, address, message, figure or log that is not for it."""

from __future__ import annotations

import pypdfium2
import pytest

from service.access.model import Role
from service.cases.figures import Months
from service.public.asked import Asker, EvidenceFile, Protected, Sought
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, asked
from tests.service.console.conftest import Console
from tests.service.console.test_case_bundle import archive
from tests.service.console.test_cases import do

HER_NAME = "Plantedname"
PLANTED = (
    *("01632 960777", "01632960777", "1632960777", "planted@example.org", "Plantedstreet"),
    *("plantedword", "Plantedasker", "planted.png"),
)
"""What nobody but who opens the case may see. Her name the prisoner is told too."""
LISTS = (
    *("/", "/cases", "/cases?which=in_force", "/cases/notices", "/cases/messages", "/cases/reminders"),
    *("/cases/figures", "/restrictions", "/restrictions/in-force", "/restrictions/ending", "/approvals"),
    *("/prisoners", f"/prisoners/{HIS}", "/queue", "/ledger", "/metrics", "/phone-lists", "/pictures"),
)


def test_what_is_planted_in_a_case_is_in_nothing_that_is_not_for_it(
    console: Console, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    request = asked(
        asker=Asker(who="family", name="Plantedasker", email="planted@example.org", safely="plantedword"),
        sought=Sought(name="Corin Blackmere", number=HIS, about="plantedword"),
        person=Protected(name=f"{HER_NAME} Thistlewood", numbers=("01632 960777",), agrees="yes"),
        happened="plantedword",
        danger="no",
        evidence=(EvidenceFile(name="planted.png", content=b"plantedword"),),
    )
    case = console.system.cases.key_in(OFFICER, request, "telephone", "plantedword")
    ida = console.visitor(Role.CASE_OFFICER, name="ida")
    answers = [ida.post(f"/cases/{case.id}/open", why="plantedword")]
    assert "Plantedasker" in answers.pop().text
    contacts = {
        "phones": "01632 960777",
        "emails": "planted@example.org",
        "addresses": "7 Plantedstreet, Northmarch",
    }
    steps = [
        ("prisoner", {"prisoner": HIS, "because": "plantedword"}),
        ("contacts", contacts),
        ("approve", {"pathway": "3", "consent": PATHWAYS[3].consent + " plantedword"}),
        ("serve", {"served_how": "by hand", "took": "yes"}),
        ("note", {"text": "plantedword"}),
    ]
    for act, given in steps:
        done = do(console, ida, case.id, act, **given)
        assert done.status_code in (200, 303), (act, done.text)
        assert not any(one in str(done.headers) for one in (HER_NAME, *PLANTED))
    console.system.current.refresh()
    console.attempt("theirs", to="01632 960777", prisoner=HIS)

    letter = ida.get(f"/cases/{case.id}/notice")
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(letter.content)]
    bundle = ida.post(f"/cases/{case.id}/bundle", reader="prisoner", why="he asked")
    file, paper = archive(bundle.content)
    drawn = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(paper)]
    for_him = ["\n".join(pages), file, "\n".join(drawn)]
    for text in for_him:
        assert HER_NAME in text
        assert not [one for one in PLANTED if one in text]

    said = [one.message.subject + one.message.text for one in console.system.cases.outbox.of_case(case.id)]
    assert len(said) == 2
    elsewhere = {f"message {number}": text for number, text in enumerate(said)}
    tables = console.system.figures.told(OFFICER, Months.up_to(console.clock().date()))
    assert tables
    assert ida.get(f"/cases/figures/{tables[0].id}.csv").status_code == 200
    for role in Role:
        other = console.visitor(role, name=f"eve-{role.value}")
        for path in (
            *LISTS, f"/cases/{case.id}", f"/cases/{case.id}/evidence/1", f"/restrictions/view/{case.id}",
            f"/cases/{case.id}/notice", *(f"/cases/figures/{one.id}.csv" for one in tables),
        ):  # fmt: skip
            answer = other.get(path)
            elsewhere[f"{role.value} {path}"] = f"{answer.headers}\n{answer.text}"
        for wanted in (case.id, HIS):
            elsewhere[f"{role.value} search"] = other.post("/search", wanted=wanted).text
    elsewhere["metrics"] = console.system.metrics.exposition()[0].decode()
    elsewhere["log"] = "".join((*capfd.readouterr(), caplog.text))
    found = [(where, one) for where, text in elsewhere.items() for one in (HER_NAME, *PLANTED) if one in text]
    assert found == []
