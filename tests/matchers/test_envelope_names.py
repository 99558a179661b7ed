"""A listed person is found wherever an envelope names her; streets, houses and other people are not her."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.envelope_names import EnvelopeWords, Named
from matchers.person import read

ADDRESS = ("5 Inkhorn Row", "Corvenport", "VB8 1FG")
LEAST = 0.6
WAYS = ("Sarah Thornley", "SARAH THORNLEY", "Thornley, Sarah", "THORNLEY Sarah", "S Thornley", "Thornley S",
        "S. Thornley", "Sarah.Thornley", "Sarah_Thornley", "SarahThornley", "Ms S Thornley", "Mrs Thornley",
        "Sally Thornley", "Sarah T", "S4rah Th0rnley", "Sarah Thornly", "Ѕаrаh Thornley")  # fmt: skip
PLACES = (
    "{name}\n{0}\n{1}\n{2}",
    "Mr T Blythe\n{name}\n{0}\n{1}\n{2}",
    "{0}\n{name}\n{1}\n{2}",
    "{0}\n{1}\n{2}\n{name}",
    "{name}, {0}, {1}, {2}",
    "{name} {0} {1} {2}",
    "HMP Corvenport\n{name}\n{0}\n{1}\n{2}",
    "{name}\nA9999ZZ\nHMP Corvenport\n{1}\n{2}",
    'Mr T Blythe "{name}"\n{0}\n{1}\n{2}',
    "Mr T Blythe & {name}\n{0}\n{1}\n{2}",
    "Mr T Blythe ({name})\n{0}\n{1}\n{2}",
)
MARKS = ("c/o {}", "C/- {}", "care of {}", "for {}", "FAO: {}", "f.a.o. {}", "please give to {}",
         "pass to {}", "hand this to {}", "% {}", "℅ {}", "Attn. {}", "co {}",
         "c.o. {}", "c.o {}", "att. {}", "att {}", "Att: {}", "atn {}", "attn {}", "atten. {}",
         "Attention {}", "for the attention of {}", "f/a/o {}", "FFAO {}", "f.f.a.o. {}", "FTAO {}",
         "o/b of {}", "o.b.o. {}", "for and on behalf of {}", "p.p. {}", "t/a {}", "i sylw {}", "I SYLW: {}",
         "d/o {}", "dan ofal {}", "à l'attention de {}", "z. Hd. {}", "z.Hd. {}",
         "zu Händen von {}")  # fmt: skip


def found(text: str, listed: str) -> list[Named]:
    words, people = EnvelopeWords(text), (read(listed),)
    every = [*words.find(people[0])]
    assert words.may_name(people) or not every, "it is said that nobody is named, and somebody is"
    return [named for named in every if named.match.score >= LEAST]


def test_of_an_envelope_without_a_sign_of_anybody_it_is_said_so() -> None:
    words = EnvelopeWords("Rowan Ashdown\n12 Alder Street\nBarley LS1 2LD")
    assert not words.may_name((read("Sarah Thornley"), read("Marigold Fenwick")))
    assert words.may_name((read("Sarah Thornley"), read("Rowan Ashdown")))


@pytest.mark.parametrize(("name", "place"), product(WAYS, PLACES))
def test_a_name_is_found_wherever_it_stands(name: str, place: str) -> None:
    named = found(place.format(*ADDRESS, name=name), "Sarah Thornley")
    assert named
    assert not any(one.care_of for one in named)


@pytest.mark.parametrize("name", ["Sarah Thornley", "Miss Thornley", "S Thornley"])
@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_before_the_name_is_told(mark: str, name: str) -> None:
    for place in (PLACES[1], PLACES[2], PLACES[3], PLACES[10]):
        text = place.format(*ADDRESS, name=mark.format(name))
        assert [one.care_of for one in found(text, "Sarah Thornley")] == [True], text


def test_a_mark_on_the_line_above_is_told() -> None:
    (named,) = found("Mr T Blythe\nplease give to:\nMs S. Thornley\n5 Inkhorn Row", "Sarah Thornley")
    assert (named.text, named.care_of) == ("Ms S. Thornley", True)


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("Sarah Thornley", "Mr & Mrs S Thornley\n5 Inkhorn Row"),
        ("Sarah Thornley", "Mr and Mrs S. Thornley\n5 Inkhorn Row"),
        ("Sarah Thornley", "Mr & Mrs Thornley\n5 Inkhorn Row"),
        ("Siobhán Ó Briain", "Siobhan Ní Bhriain\n5 Inkhorn Row"),
        ("Kirsty MacLachlan", "K NicLachlainn\n5 Inkhorn Row"),
        ("Sarah Thornley", "Tom and Sarah Thornley\n5 Inkhorn Row"),
        ("Sarah Thornley", "Tom Blythe + S Thornley\n5 Inkhorn Row"),
        ("Sarah Thornley", "THORNLEY\nSarah\n5 Inkhorn Row"),
        ("Sarah Thornley", "Sarah\nThornley\n5 Inkhorn Row"),
        ("Sarah Thornley", "S A R A H T H O R N L E Y\n5 Inkhorn Row"),
        ("Sarah Thornley", "Sarah Thornley Ltd\n5 Inkhorn Row"),
        ("Sarah Thornley", "Sarah Thornley Hill Farm\nCorvenport"),
        ("Tom & Sarah Thornley", "Sarah Thornley\n5 Inkhorn Row"),
        ("Amy Lane", "Amy Lane\n5 Inkhorn Row"),
        ("Shazza", "Shazza\n5 Inkhorn Row"),
        ("Hale and Partners", "Hale and Partners\n5 Inkhorn Row"),
        ("Sarah Marsh-Thornley", "Sally Marsh Thornley\n5 Inkhorn Row"),
        ("Omar Abdulrahman", "O Abdul Rahman\n5 Inkhorn Row"),
        ("Maria de la Cruz", "M Delacruz\n5 Inkhorn Row"),
        ("Sarah Jane Thornley", "Sarah Thornley-Blythe\n5 Inkhorn Row"),
        ("Sarah Jane Thornley", "Sarah Blythe-Thornley\n5 Inkhorn Row"),
        ("Sarah Jane Thornley", "S Thornley-Blythe\n5 Inkhorn Row"),
        ("Sarah Jane Thornley", "Sally Blythe-Thornley\n5 Inkhorn Row"),
        ("Sarah Jane Thornley", "Mrs Sarah Blythe (nee Thornley)\n5 Inkhorn Row"),
        ("Mr Simon Thornley", "Mr & Mrs Thornley\n5 Inkhorn Row"),
        ("Sarah Thornley-Blythe", "Sarah Jane Thornley\n5 Inkhorn Row"),
        ("Li Wei", "李伟\n5 Inkhorn Row"),
        ("王小明", "Xiao Ming Wang\n5 Inkhorn Row"),
        ("Khalid al-Hashimi", "خالد الهاشمي\n5 Inkhorn Row"),
    ],
)
def test_couples_lines_scripts_and_names_in_pieces_are_found(listed: str, text: str) -> None:
    assert found(text, listed)


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("Jordan Grace", "Mr T Blythe\n7 Jordan Street\nGrace Avenue\nCorvenport"),
        ("Jordan Grace", "Mr T Blythe\n7 Jordan Grace Court\nCorvenport"),
        ("Jordan Grace", "Jordan House\nGrace Road\nCorvenport"),
        ("Jordan Grace", "J Hughes\nGrace Hotel\nJordan Lane"),
        ("Amy Lane", "T Blythe\n7 Amy Lane\nCorvenport"),
        ("Amy Lane", "T Blythe\n7, Amy Lane\nCorvenport"),
        ("Rose", "T Blythe\nRose Cottage\nCorvenport"),
        ("Rose", "Rose Smith\n5 Inkhorn Row"),
        ("Sarah Thornley", "Mr D Thornley\n5 Inkhorn Row"),
        ("Sarah Thornley", "Mr Thornley\n5 Inkhorn Row"),
        ("Daniel Jones", "Mrs Jones\n5 Inkhorn Row"),
        ("Sarah Thornley", "Mr D S Thornley\n5 Inkhorn Row"),
        ("Sarah Thornley", "Tom S Thornley\n5 Inkhorn Row"),
        ("Sarah Thornley", "The Thornleys\n5 Inkhorn Row"),
        ("Sarah Thornley", "Thornley family\n5 Inkhorn Row"),
        ("Sarah Thornley", "Mr & Mrs Thornley Smith\n5 Inkhorn Row"),
        ("Sarah Jones", "Mr & Mrs Jones\n5 Inkhorn Row"),
        ("Mr Simon Thornley", "Mrs Thornley & family\n5 Inkhorn Row"),
        ("Sarah Nowak", "Mr & Mrs Nowak\n5 Inkhorn Row"),
        ("Sarah Thornley", "S Thornley Solicitors\n5 Inkhorn Row"),
        ("Sarah Thornley", "Sir Thornley Smith\n5 Inkhorn Row"),
        ("Sarah Thornley", "Simon Thornley-Marsh\n5 Inkhorn Row"),
        ("Sarah Thornley", "Sarah\nThornley Road\nCorvenport"),
        ("Sarah Thornley", "Sarah Blythe\nThornley\nDurham"),
        ("Sarah Thornley", "S Blythe\nThornley Sarah Close\nLeeds"),
        ("Sarah Durham", "Sarah\nDurham\nDH1 9ZZ"),
        ("Sarah Thornley", ""),
        ("Sarah Thornley", "\n,;|\n"),
    ],
)
def test_streets_houses_towns_firms_and_others_of_the_family_are_not_her(listed: str, text: str) -> None:
    assert found(text, listed) == []


GIVEN = "Nia Owen Tessa Luca Maud Idris Bella Farid Orla Piotr Jade Kofi Anil Rosa Ewan Mina".split()
FAMILY = "Pritchett Okoro Dunmore Vale Kaczmarek Bhatia Larkin Osei Tremlett Quayle Haddow Nunn".split()
TYPES = "Road Street Avenue Close House Court Lane Gardens Cottage Terrace".split()


def test_the_envelopes_of_other_people_hardly_ever_name_her() -> None:
    chance = random.Random(4)
    wrong = []
    for _ in range(3_000):
        listed = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
        first, family = listed.split()
        other = chance.choice([name for name in GIVEN if name[0] != first[0]])
        others = chance.choice([name for name in FAMILY if name != family])
        text = chance.choice(
            [
                f"{other} {family}\n{chance.randint(1, 90)} {first} {chance.choice(TYPES)}\nCorvenport",
                f"{first} {others}\n{chance.randint(1, 90)} {family} {chance.choice(TYPES)}\nCorvenport",
                f"Mr {other[0]} {family}, {first} {chance.choice(TYPES)}, {family} {chance.choice(TYPES)}",
                f"{other} {others}\n3 {first} {family} {chance.choice(TYPES)}\nCorvenport",
                f"{first}, {chance.randint(1, 90)} {family} {chance.choice(TYPES)}, Corvenport",
                f"{other} & {first} {others}\n{family} {chance.choice(TYPES)}\nCorvenport",
            ]
        )
        wrong += [(listed, text) for _ in found(text, listed)]
    assert len(wrong) <= 30, wrong[:10]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.text(min_size=1, max_size=30))
def test_no_text_and_no_name_ends_the_search(text: str, listed: str) -> None:
    for named in EnvelopeWords(f"{text}\n{listed}").find(read(listed)):
        assert 0 <= named.match.score <= 1


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Sarah\n10 Larkmead Street", True),
        ("Sally & Tom\n10 Larkmead Street", True),
        ("Auntie Sarah\n10 Larkmead Street", True),
        ("Sarah Blythe\n10 Larkmead Street", False),
        ("Mum\n10 Larkmead Street", False),
        ("S\n10 Larkmead Street", False),
        ("T Blythe\nSarah Street", False),
    ],
)
def test_a_first_name_alone_is_told_apart(text: str, *, answer: bool) -> None:
    assert EnvelopeWords(text).has_first_name(read("Sarah Jane Thornley")) is answer
