"""Candidates for a prisoner: who is found, what speaks for him and against, and that nobody is confirmed."""

from __future__ import annotations

import pytest

from service.access.model import Principal, Role
from service.cases.candidates import LEAST, MOST, Candidate, Candidates
from service.cases.cases import Cases
from service.public.asked import Sought
from service.registry.directory import Particulars
from service.registry.registry import Registry
from tests.service.cases.asking import HIS, OFFICER, asked

DAVE = Particulars(name="HARRIS, David John", aliases=("Davy Marsh",), born="1981-05-03")


def known(registry: Registry, number: str, who: Particulars, prison: str | None = None) -> None:
    with registry.journal.write() as connection:
        registry.directory.put(connection, "operator:test", {number: who})
        registry.prisoners.receive(connection, "operator:test", {number: prison} if prison else {})
    registry.prisoners.reload()


def looked_for(registry: Registry, **sought: str) -> list[Candidate]:
    return Candidates(registry).every(Sought(**sought))


@pytest.mark.parametrize(
    ("sought", "why"),
    [
        ({"name": "Dave Harris", "born": "1981-05-03"}, "Dave is a short form of David"),
        ({"name": "Dave Harris, born 3 May 1981, at Leeds I think"}, "short form"),
        ({"name": "Harris David", "born": "1981-05-03"}, "agrees"),
        ({"name": "David Haris", "born": "1981-03-05"}, "day and month turned round"),
        ({"name": "David Farris", "born": "1981-05-08"}, "one digit is another"),
        ({"name": "Dave Farris"}, "one letter from it"),
        ({"name": "Davy Marsh"}, "Davy Marsh agrees"),
        ({"name": "D Harris", "born": "1981-05-03", "prison": "HMP Leeds"}, "he is in Leeds, as told"),
        ({"name": "Dave", "number": "A12?4BC"}, "A12?4BC fits it"),
        ({"name": "Dave", "number": "a1234"}, "A1234 fits it"),
        ({"name": "Dave Harris", "number": "A1243BC"}, "two signs are swapped"),
        ({"name": "Dave Harris", "number": "A1239BC"}, "one sign is another"),
        ({"name": "Dave Harris", "number": "A12 34-BC"}, "his number is A1234BC, as told"),
        ({"name": "Dave", "born": "1981-05-03"}, "the first name"),
        ({"name": "Harris", "born": "1981-05-03"}, "the family name"),
    ],
)
def test_he_is_found_however_he_is_told_and_it_says_why(
    registry: Registry, sought: dict[str, str], why: str
) -> None:
    known(registry, HIS, DAVE, "LEI")
    known(registry, "B1111BB", Particulars(name="Osric Venn", born="1970-01-01"), "MRI")
    (found,) = looked_for(registry, **sought)
    assert found.number == HIS
    assert why in found.because


def test_what_speaks_against_him_is_told_and_weighs(registry: Registry) -> None:
    known(registry, HIS, DAVE, "OUT")
    known(registry, "B1111BB", Particulars(name="David Harris", born="1981-05-03"), "LEI")
    known(registry, "C1111CC", Particulars(name="Zbigniew Wawrzyniak", born="1990-01-01"), "MRI")
    first, second = looked_for(registry, name="Dave Harris", born="1981-05-03", prison="Leeds")
    assert (first.number, second.number) == ("B1111BB", HIS)
    assert "out of prison, as far as is known" in second.against
    (rare,) = looked_for(registry, name="Zbigniew Wawrzyniak", born="1972-06-07", prison="Leeds")
    assert rare.against == ("born on 1/1/1990, not 7/6/1972", "he is in Manchester, not Leeds")
    assert looked_for(registry, name="David Harris", born="1950-11-28") == []


def test_merged_numbers_are_one_person_with_what_is_known_of_each(registry: Registry) -> None:
    known(registry, HIS, DAVE, "LEI")
    known(registry, "B1111BB", Particulars(name="Osric Venn", born="1970-01-01"))
    registry.prisoners.merge(OFFICER, "B1111BB", HIS)
    for sought in ({"name": "Osric Venn"}, {"name": "x", "number": "B1111BB", "born": "1981-05-03"}):
        (found,) = looked_for(registry, **sought)
        assert found.number == HIS
        assert "Osric Venn" in found.names


def test_a_number_of_which_nothing_else_is_known_says_so(registry: Registry) -> None:
    registry.prisoners.move(OFFICER, HIS, "LEI")
    (found,) = looked_for(registry, name="Corin Blackmere", number=HIS)
    assert found.against == ("nothing is known of his name and date of birth",)


def test_at_most_ten_are_shown_the_best_first_and_of_the_officers_prisons(registry: Registry) -> None:
    for number in range(MOST + 3):
        known(registry, f"A{number:04}BC", DAVE, "LEI" if number % 2 else "MRI")
    candidates, sought = Candidates(registry), Sought(name="Dave Harris", prison="Leeds")
    found = candidates.shown_to(OFFICER, sought)
    assert len(found) == MOST
    assert [one.points for one in found] == sorted((one.points for one in found), reverse=True)
    assert all(one.points >= LEAST for one in found)
    theirs = Principal("user:x", frozenset({Role.CASE_OFFICER}), frozenset({"MRI"}), person=True)
    assert {one.prison for one in candidates.shown_to(theirs, sought)} == {"MRI"}


def test_however_sure_it_is_nobody_is_confirmed_by_it(registry: Registry, cases: Cases) -> None:
    known(registry, HIS, Particulars(name="Corin Blackmere", born="1981-05-03"), "LEI")
    case = cases.key_in(OFFICER, asked(), "telephone", "")
    assert cases.candidates.shown_to(OFFICER, case.document.asked.sought)
    assert cases.get(OFFICER, case.id).prisoner is None


def test_whoever_is_in_either_unit_of_a_prison_is_in_the_prison_that_was_named(registry: Registry) -> None:
    known(registry, HIS, DAVE, "PRI")
    for place, called in (("PRI", "Parc"), ("PYI", "Parc (HMYOI)")):
        registry.prisoners.move(OFFICER, HIS, place)
        (found,) = looked_for(registry, name="Dave Harris", prison="HMP Parc")
        assert (found.prison, f"he is in {called}, as told" in found.because) == (place, True)
