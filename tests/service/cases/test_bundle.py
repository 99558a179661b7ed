"""A bundle holds what its reader may have and nothing else, and is checked without the service."""

from __future__ import annotations

import copy
import json
from typing import Any

import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.model import Contact
from service.cases.bundle import READERS, Bundle, Bundles, Reader
from service.cases.bundle_pdf import as_pdf
from service.cases.cases import Cases
from service.cases.model import Case
from service.cases.rules import COOLING_OFF
from service.errors import ConflictError, InvalidError
from service.ledger import search
from service.public.asked import Asker, EvidenceFile, Protected
from service.registry.registry import Registry
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, approved, asked, considered
from tests.service.ledger.test_evidence import REFUSED, script
from tests.service.registry.listings import Clock

SISTER = Asker(who="family", name="Odile Farrowgate", phone="07700 900555", safely="after six")
HER_NAME, HER_NUMBER = "Maren Thistlewood", "07700 900123"


@pytest.fixture
def bundles(cases: Cases, registry: Registry) -> Bundles:
    """Of these cases."""
    return Bundles(cases, registry)


def opened(cases: Cases, case: Case) -> Case:
    """A case that the officer has opened."""
    cases.view(OFFICER, case, "to work on it")
    return case


def served(cases: Cases, **changed: Any) -> Case:
    """A case of which the prisoner was told."""
    case = opened(cases, approved(cases, asked(danger="no", **changed), 3 if "asker" in changed else 2))
    return cases.serve(OFFICER, case.id, case.version, "by hand")


def steps(made: Bundle) -> list[str]:
    """What the script says to the file. Raises what it takes for a refusal."""
    file = json.loads(made.file)
    key = Ed25519PublicKey.from_public_bytes(script.unhex(file["proofs"][-1]["public_key"]))
    return list(script.check_bundle(file, key))


def test_a_court_has_every_version_and_all_of_it_is_proved(cases: Cases, bundles: Bundles) -> None:
    file = EvidenceFile(name="letter.jpg", content=b"\xff\xd8 not shown")
    case = opened(cases, approved(cases, asked(evidence=(file,))))
    case = cases.note(OFFICER, case.id, case.version, "rang 'her' – ünïcode \u2028 and <tags>")
    made = bundles.make(OFFICER, case.id, "court", "order of Northmarch County Court")
    contents = made.contents
    assert [one["version"] for one in contents["versions"]] == list(range(1, case.version + 1))
    assert contents["versions"][-1]["document"]["notes"][0]["text"].startswith("rang")
    assert contents["restriction"][0]["document"]["restriction"]["contacts"][0]["value"] == HER_NUMBER
    assert contents["files"][0]["name"] == "letter.jpg"
    assert "not shown" not in made.file.decode()
    assert len(made.proofs) == case.version + len(contents["restriction"]) + 1
    assert steps(made)[-1].startswith("these contents were handed out")


@pytest.mark.parametrize(
    "forge",
    [
        lambda file: file["bundle"]["versions"][0]["document"]["asked"]["person"].update(
            name="Somebody Else"
        ),
        lambda file: file["bundle"]["versions"].pop(),
        lambda file: file["bundle"].update({"for": "person"}),
        lambda file: file["proofs"].pop(),
        lambda file: file["proofs"].pop(0),
        lambda file: file["proofs"][-1]["record"].update(actor="user:other"),
        lambda file: file.update(more="beside"),
    ],
)
def test_a_bundle_that_was_changed_does_not_hold(cases: Cases, bundles: Bundles, forge: Any) -> None:
    case = opened(cases, approved(cases))
    made = json.loads(bundles.make(OFFICER, case.id, "court", "an order").file)
    changed = copy.deepcopy(made)
    forge(changed)
    key = Ed25519PublicKey.from_public_bytes(script.unhex(made["proofs"][0]["public_key"]))
    assert list(script.check_bundle(made, key))
    with pytest.raises(REFUSED):
        list(script.check_bundle(changed, key))


def test_it_is_recorded_before_with_its_reason_sealed(
    cases: Cases, bundles: Bundles, registry: Registry
) -> None:
    case = approved(cases)
    with pytest.raises(ConflictError, match="open the case first"):
        bundles.make(OFFICER, case.id, "court", "an order")
    opened(cases, case)
    with pytest.raises(InvalidError, match="why"):
        bundles.make(OFFICER, case.id, "court", " ")
    bundles.make(OFFICER, case.id, "court", "for Judge Larkmead")
    with registry.journal.database.read() as connection:
        (record,) = search.search(connection, subject=f"case/{case.id}", outcome="bundled")
    assert record.actor == OFFICER.id
    assert json.loads(record.detail)["for"] == "court"
    assert b"Larkmead" not in record.sealed + record.detail


@pytest.mark.parametrize("asker", [None, SISTER])
def test_the_person_has_what_is_hers_and_nothing_of_others(
    cases: Cases, bundles: Bundles, asker: Asker | None
) -> None:
    other = {"asker": asker, "person": Protected(name=HER_NAME, numbers=(HER_NUMBER,), agrees="yes")}
    case = served(cases, happened="he rings from the wing", **(other if asker else {}))
    case = cases.note(OFFICER, case.id, case.version, "intelligence about him")
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "somebody who stood beside her")
    case = cases.call_back(OFFICER, case.id, case.version, "she was alone", "yes")
    made = bundles.make(OFFICER, case.id, "person", "her own request")
    text = made.file.decode()
    assert HER_NAME in text
    assert HER_NUMBER in text
    assert ("rings from the wing" in text) is (asker is None)
    for others in (SISTER.name, SISTER.phone, "intelligence", "beside her and", "was alone", "withdrawing"):
        assert others not in text
    assert "pressed" not in text
    told = [one["state"] for one in made.contents["steps"]]
    assert told == ["received", "considering", "in_force"]  # not how many things were written, nor when
    assert "LEI" not in text
    assert (HIS in text) is (asker is None)  # the number that she gave herself
    assert steps(made)


def test_the_prisoner_has_what_he_was_told_and_only_where_he_was(cases: Cases, bundles: Bundles) -> None:
    case = opened(cases, approved(cases, asked("UPC-3333-3333", danger="no")))
    with pytest.raises(ConflictError, match="would tell him"):
        bundles.make(OFFICER, case.id, "prisoner", "his own request")
    case = served(cases, asker=SISTER, person=Protected(name=HER_NAME, numbers=(HER_NUMBER,), agrees="yes"))
    cases.ask_withdrawal(OFFICER, case.id, case.version, "she herself")
    made = bundles.make(OFFICER, case.id, "prisoner", "his own request")
    text = made.file.decode()
    assert HER_NAME in text
    assert case.document.notice.how
    for others in (HER_NUMBER, "900123", SISTER.name, "withdraw", "900555", "she rang"):
        assert others not in text
    assert case.document.notice.how not in text  # whatever an officer wrote of it
    assert made.contents["state"] == "in_force"
    assert steps(made)


def test_it_does_not_tell_him_that_it_ended_while_another_request_holds_it_up(
    cases: Cases, bundles: Bundles, clock: Clock
) -> None:
    case = served(cases)
    second = considered(cases, asked("UPC-3333-3333", person=case.document.asked.person))
    cases.join(OFFICER, second.id, second.version, case.restriction or "", PATHWAYS[2])
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she herself")
    case = cases.call_back(OFFICER, case.id, case.version, "alone", "no")
    clock.now += COOLING_OFF
    case = cases.end(SECOND, case.id, case.version, "as asked").case
    assert bundles.make(OFFICER, case.id, "prisoner", "his own request").contents["state"] == "in_force"


@pytest.mark.parametrize("reader", READERS)
def test_the_paper_says_what_the_file_says(cases: Cases, bundles: Bundles, reader: Reader) -> None:
    case = served(cases, happened="अनीता wrote:\n" + "x" * 7_000)
    made = bundles.make(OFFICER, case.id, reader, "as asked")
    document = pypdfium2.PdfDocument(as_pdf(made))
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    assert HER_NAME in text
    assert str(made.proofs[-1].record["seq"]) in text
    assert (HER_NUMBER in text) is (reader != "prisoner")
    assert ("x" * 50 in text) is (reader != "prisoner")


def test_what_an_accomplice_is_reached_at_is_not_told_to_her(cases: Cases, bundles: Bundles) -> None:
    case = served(cases)
    report = cases.key_in(OFFICER, asked("UPC-4444-4444", kind="continuing"), "telephone", "")
    report = cases.confirm_prisoner(OFFICER, report.id, 1, HIS, "she knows it")
    report = cases.link(OFFICER, report.id, report.version, case.id)
    cases.learn(OFFICER, report.id, report.version, (Contact(kind="phone", value="07700 900999"),))
    opened(cases, report)
    for one in (case, report):
        assert "900999" not in bundles.make(OFFICER, one.id, "person", "as asked").file.decode()
    assert "900999" in bundles.make(OFFICER, case.id, "court", "as asked").file.decode()
