"""Names are read as people write them, and a namesake is not a stranger's match."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.person import Person, compare, compare_any, fold, is_seen, rarity, read, spoken_forms

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "people.yaml").read_text(encoding="utf-8"))
LEVELS = ("same", "compatible", "household", "different")
ROWS = [
    pytest.param(block["listed"], written, level, id=f"{block['kind']}: {written} is {level}")
    for block in CASES
    for level in LEVELS
    for written in block.get(level, ())
]
NAMES = sorted({block["listed"] for block in CASES} | {str(row.values[1]) for row in ROWS})


@pytest.mark.parametrize(("listed", "written", "level"), ROWS)
def test_a_written_name_has_the_level_its_case_states(listed: str, written: str, level: str) -> None:
    match = compare(read(written), read(listed))
    assert match.level == level, match


def test_the_cases_are_many_and_have_decoys() -> None:
    assert len(ROWS) >= 200
    assert sum(row.values[2] == "different" for row in ROWS) >= 60
    assert all(block.get("different") for block in CASES)


UNSEEN = st.characters(exclude_categories=("Lu", "Ll", "Lt", "Lo", "Cs")) | st.sampled_from(
    "\u3164\u115f\uffa0"
)
LETTERS = st.characters(categories=("Lu", "Ll", "Lt", "Lo")).filter(
    lambda one: one not in "\u115f\u1160\u3164\uffa0"
)


@given(st.text(UNSEEN), st.text(UNSEEN), LETTERS)
def test_a_name_has_a_letter_that_is_seen(before: str, after: str, letter: str) -> None:
    assert not is_seen(before + after)
    assert is_seen(before + letter + after)


def test_whoever_has_a_name_is_seen_and_what_shows_nothing_is_nobody() -> None:
    assert [name for name in NAMES if not is_seen(name)] == ["", "???"]
    assert not any(map(is_seen, ("", "\u200b", "\u3164", "-", "\u0301\u0308", "?", "\u2800", "12")))


@pytest.mark.parametrize(
    ("text", "title", "first", "family"),
    [
        ("Sarah Jane Jones", "", ("sarah", "jane"), ("jones",)),
        ("JONES, Sarah Jane", "", ("sarah", "jane"), ("jones",)),
        ("Mrs. S.J. Jones", "mrs", ("s", "j"), ("jones",)),
        ("SJ Jones", "", ("s", "j"), ("jones",)),
        ("JO JONES", "", ("jo",), ("jones",)),
        ("Dr Nia Lloyd-Rees", "dr", ("nia",), ("lloyd", "rees")),
        ("Zoë D’Souza", "", ("zoe",), ("dsouza",)),
        ("Mc Bride, Colm", "", ("colm",), ("mcbride",)),
        ("Ludwig van der Meer", "", ("ludwig",), ("meer",)),
        ("Сергей Баранов", "", ("sergey",), ("baranov",)),
        ("Dean Marsh", "", ("dean",), ("marsh",)),
        ("ROBERT SHAW JR", "", ("robert",), ("shaw",)),
        ("The Rt Hon Sarah Jones MP", "rt", ("sarah",), ("jones",)),
        ("Sa\u200brah Jo\u00adnes", "", ("sarah",), ("jones",)),
    ],
)
def test_a_name_is_read_into_title_given_names_and_family_name(
    text: str, title: str, first: tuple[str, ...], family: tuple[str, ...]
) -> None:
    person = read(text)
    assert (person.title, person.given, person.surname) == (title, first, family)
    assert person.text == text
    assert not person.household
    assert not person.organisation


@pytest.mark.parametrize(
    "text", ["The Jones family", "Mr & Mrs Jones", "Mr and Mrs S Jones", "Jones Household", "The Joneses"]
)
def test_a_household_is_not_a_named_person(text: str) -> None:
    assert read(text).household


@pytest.mark.parametrize(
    "text", ["Marsh & Vine Solicitors LLP", "Northmoor District Council", "HMP Northmoor"]
)
def test_an_organisation_is_not_a_person(text: str) -> None:
    assert read(text).organisation


@pytest.mark.parametrize("text", ["Sarah Church", "Kevin Banks", "Emma Hall", "Tom Court", "Ann Chambers"])
def test_a_family_name_that_is_also_a_building_stays_a_person(text: str) -> None:
    assert not read(text).organisation


def test_the_second_of_a_couple_shares_the_family_name() -> None:
    person = read("Sarah & Tom Jones")
    assert (person.given, person.surname) == (("sarah",), ("jones",))
    assert [(other.given, other.surname) for other in person.others] == [(("tom",), ("jones",))]


@pytest.mark.parametrize(
    ("text", "first", "others"),
    [
        ("Mr & Mrs Salman Petrov and Jane Smith", "Salman Petrov", ["Jane Smith"]),
        ("Jane Smith and Mr & Mrs Salman Petrov", "Jane Smith", ["Salman Petrov"]),
        ("Mr & Mrs Petrov & family", "Petrov", []),
        ("Sarah & Tom Jones & family", "Sarah Jones", ["Tom Jones"]),
    ],
)
def test_a_title_alone_and_a_family_are_no_person_of_their_own_but_a_household(
    text: str, first: str, others: list[str]
) -> None:
    person = read(text)
    assert " ".join((*person.given, *person.surname)) == first.lower()
    assert [" ".join((*p.given, *p.surname)) for p in person.others] == [name.lower() for name in others]
    assert any(p.household for p in (person, *person.others))


@pytest.mark.parametrize(
    ("written", "listed", "step"),
    [
        ("Sally Jones", "Sarah Jones", "Sally is a short form of Sarah"),
        ("S Jones", "Sarah Jones", "initial S fits Sarah"),
        ("Jose Nunez", "José Núñez", "accents removed"),
        ("Jones Sarah", "Sarah Jones", "the names are in another order"),
        ("Ms Jones", "Sarah Jones", "title and family name only"),
        ("Sarah Jones", "Sarah Jane Jones", "a middle name is missing"),
        ("Сергей Баранов", "Sergei Baranov", "written in the Latin alphabet"),
    ],
)
def test_a_match_says_what_made_the_names_agree(written: str, listed: str, step: str) -> None:
    assert step in compare(read(written), read(listed)).steps


def test_a_better_agreement_scores_higher() -> None:
    listed = read("Catherine Thornbury")
    ways = [
        "Catherine Thornbury",
        "Catherine Thornbry",
        "C Thornbury",
        "The Thornbury Family",
        "Ann Thornbury",
    ]
    scores = [compare(read(way), listed).score for way in ways]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_the_best_of_name_and_aliases_counts() -> None:
    listed = [read("Sarah Jones"), read("Sarah Evans")]
    assert compare_any(read("Sarah Evans"), listed).level == "same"
    assert compare_any(read("Sarah Boyle"), listed).level == "different"
    assert compare_any(read("Sarah Evans"), []).level == "different"


def test_a_rare_name_is_evidence_and_a_common_one_is_not() -> None:
    assert rarity(read("John Smith")) == 0.0
    assert rarity(read("Zbigniew Wawrzyniak")) == 1.0
    assert rarity(read("Mohammed Khan")) < 0.25
    assert rarity(read("Sarah Jones")) < rarity(read("Sarah Thornbury")) < rarity(read("Araminta Thornbury"))
    assert rarity(read("S Thornbury")) < rarity(read("Sarah Thornbury"))


def test_a_name_counts_as_common_in_every_spelling() -> None:
    assert rarity(read("Muhammed Hussein")) == pytest.approx(rarity(read("Mohammed Hussain")), abs=0.1)


@pytest.mark.parametrize(
    ("phrase", "kind"),
    [
        ("sarah jones", "full"),
        ("sarah jane jones", "full"),
        ("sally jones", "nickname_surname"),
        ("ms jones", "title_surname"),
        ("s jones", "initial_surname"),
        ("sj jones", "initial_surname"),
        ("sarah", "first"),
        ("sally", "nickname"),
    ],
)
def test_people_speak_of_a_listed_person_in_these_forms(phrase: str, kind: str) -> None:
    assert (phrase, kind) in spoken_forms(read("Ms Sarah Jane Jones"))


def test_a_woman_is_not_spoken_of_as_mister() -> None:
    phrases = {phrase for phrase, _ in spoken_forms(read("Mrs Sarah Jones"))}
    assert "miss jones" in phrases
    assert "mr jones" not in phrases


def test_a_family_name_alone_is_no_spoken_form() -> None:
    assert "jones" not in {phrase for phrase, _ in spoken_forms(read("Sarah Jones"))}


def test_a_short_form_that_is_an_ordinary_word_counts_with_the_family_name_only() -> None:
    forms = dict(spoken_forms(read("William Thornbury")))
    assert forms["will thornbury"] == "nickname_surname"
    assert forms["bill"] == "nickname"
    assert "will" not in forms


def test_nobody_is_spoken_of_by_a_fuller_name_than_a_common_one() -> None:
    forms = dict(spoken_forms(read("John Thornbury")))
    assert "jack" in forms
    assert "jonathan" not in forms
    assert "robert" in dict(spoken_forms(read("Bob Thornbury")))


def test_spoken_forms_are_folded_and_come_once() -> None:
    for name in NAMES:
        phrases = [phrase for phrase, _ in spoken_forms(read(name))]
        assert phrases == [fold(phrase) for phrase in phrases]
        assert len(phrases) == len(set(phrases))


@pytest.mark.parametrize("name", NAMES)
def test_a_person_survives_messagepack(name: str) -> None:
    person = read(name)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(person), type=Person) == person


@pytest.mark.parametrize("name", [block["listed"] for block in CASES])
def test_a_name_is_the_same_as_itself_in_capitals(name: str) -> None:
    assert compare(read(name.upper()), read(name)).level == "same"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_read_compared_and_weighed(text: str) -> None:
    person = read(text)
    match = compare(person, read("Sarah Jones"))
    assert 0.0 <= match.score <= 1.0
    assert 0.0 <= rarity(person) <= 1.0
    assert all(phrase for phrase, _ in spoken_forms(person))
    assert compare(person, person).level in LEVELS


WORDS = [
    "Mr",
    "Mrs",
    "Dr",
    "&",
    "and",
    "+",
    "/",
    "née",
    "aka",
    "(",
    ")",
    ",",
    "the",
    "family",
    "Occupier",
    "c/o",
]
WORDS += [
    "MBE",
    "van",
    "al-",
    "Mc",
    "S",
    "SJ",
    "-",
    "1",
    "Dean",
    "Salman",
    "Petrov",
    "SMITH",
    "Jane",
    "Church",
    "Ltd",
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
def test_whatever_order_the_words_of_a_name_stand_in_it_is_read(text: str) -> None:
    person = read(text)
    assert person.text == text
    assert compare(person, person).level in LEVELS
    assert compare(person, read("Sarah Jones")).level in LEVELS


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_neither_side_of_a_comparison_is_privileged(a: str, b: str) -> None:
    one, other = compare(read(a), read(b)), compare(read(b), read(a))
    assert (one.level, one.score) == (other.level, other.score)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "text", ["\x80\u0345", "\u0140\u0301", "\u2033\u0301", "\ufe31\u0301", "\u0374\u0301", "a\u0301\u0345"]
)
def test_a_mark_on_a_sign_that_is_no_letter_is_folded_away_at_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
