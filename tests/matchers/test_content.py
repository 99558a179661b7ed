"""Names in a text are found however they are written, and count only where they say who is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers import content
from matchers.content import Mention, Text
from matchers.person import Way, ways_of_naming
from matchers.said import Said

SARAH = ("Sarah Jane Jones", "Sally Jones", "Sarah Okafor")


def mentions(text: str, *names: str) -> list[Mention]:
    return list(Text(text).find(ways_of_naming(names or SARAH)))


def kinds(text: str, *names: str) -> set[str]:
    return {mention.way.kind for mention in mentions(text, *names)}


@pytest.mark.parametrize(
    "text",
    [
        "Sarah Jones",
        "SARAH JONES",
        "Sarah  Jane  Jones",
        "Jones, Sarah",
        "jones sarah",
        "Sarah-Jane Jones was there",
        "SarahJane Jones",
        "Sarah Jones's house",
        "sarah joness house",
        "Sally Jones",
        "Sara Jones",
        "Zarah Jones",
        "S-a-r-a-h J-o-n-e-s",
        "S.a.r.a.h J.o.n.e.s",
        "s a r a h j o n e s is lying",
        "Sar ah Jon es",
        "5arah J0n3s",
        "$arah Jone$",
        "S\u200barah J\u00adones",
        "Ｓａｒａｈ Ｊｏｎｅｓ",
        "𝓢𝓪𝓻𝓪𝓱 𝓙𝓸𝓷𝓮𝓼",
        "🅂🄰🅁🄰🄷 🄹🄾🄽🄴🅂",
        "🅢🅐🅡🅐🅗 🅙🅞🅝🅔🅢",
        "🅰 🆂🅰🆁🅰🅷 🅹🅾🅽🅴🆂",
        "🇸🇦🇷🇦🇭 🇯🇴🇳🇪🇸",
        "Sᴀʀᴀʜ Jᴏɴᴇs",
        "Sаrаh Jоnеs",
        "Ѕаrаһ Јоnеѕ",
        "Ѕαrαh Jοnes",
        "Sárah Jónes",
        "S̶a̶r̶a̶h̶ Jones",
        "S. Jones",
        "S.J. Jones",
        "SJ Jones",
        "Mrs. Jones",
        "Jones",
    ],
)
def test_her_name_is_found_however_it_is_written(text: str) -> None:
    assert mentions(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Mary St. John", "Mary St. John"),
        ("Mary St. John", "mary st john was there"),
        ("Jones, Sarah", "Sarah Jones"),
        ("JONES Sarah", "Sarah Jones"),
        ("Sarah (Sal) Jones", "Sal Jones"),
        ("Sarah (Sal) Jones", "Sarah Jones"),
        ("Fiona Mac Donald", "Fiona Mac Donald"),
        ("Fiona Mac Donald", "fiona macdonald"),
        ("Fiona Mac Donald", "Fiona McDonald"),
        ("Siobhan O Brien", "Siobhan O Brien"),
        ("Siobhan O Brien", "Siobhan O'Brien"),
        ("Siobhán O’Brien", "siobhan o brien"),
        ("Women's Aid Leeds", "it was Women's Aid Leeds"),
        ("Women's Aid Leeds", "womens aid leeds"),
        ("李娜", "李娜"),
        ("李娜", "告诉李娜我爱她"),
        ("Сергей Баранов", "Сергей Баранов"),
        ("Сергей Баранов", "Sergey Baranov"),
        ("Sergey Baranov", "Сергей Баранов"),
        ("Γιώργος Παπάς", "γιωργος παπας"),
        ("محمد علي", "محمد علي"),
        ("Zoë D’Souza", "zoe dsouza"),
        ("Mrs Sarah Jones née Evans", "Sarah Jones"),
        ("Ludwig van der Meer", "Ludwig Van Der Meer"),
        ("Ngozi Adichie-Okafor", "ngozi adichie okafor"),
        ("Sarah Jones & Tom Baker", "Tom Baker"),
    ],
)
def test_a_name_is_found_as_it_is_listed_and_as_others_write_it(name: str, text: str) -> None:
    assert mentions(text, name)


@pytest.mark.parametrize(
    "text",
    [
        "Tom Jones on tv",
        "The Jones family",
        "Miss Jones was my teacher",
        "s jones",
        "Susan Jones",
        "a Sarah came to the visit hall",
        "Sarah scored 2 goals!",
        "tell Sarah Smith I said hello",
        "tell Tom Jones",
        "sarahjonesville",
        "tell me what you want. Sarah was at the visit",
        "call me!\nSarah was at the visit",
        "tell the man in the shop on the corner by the station about Sarah",
        "rapsarah jones",
        "",
        "...",
    ],
)
def test_somebody_else_and_a_bare_first_name_are_nobody(text: str) -> None:
    assert not mentions(text)


@pytest.mark.parametrize(
    "text",
    [
        "tell {}",
        "tell  {}  im sorry",
        "TELL {} IM SORRY",
        "tll {} im sorry",
        "please tell my old friend {}",
        "pass this on to {}",
        "give this to {}",
        "have a word wiv {} 4 me",
        "fao {}",
        "take this to {}",
        "you know {} yeah? let her know",
        "I miss {} so much, tell her",
        "to {}: im sorry",
        "dyweda wrth {}",
        "dile a {} que lo siento",
        "dis à {} que je suis désolé",
        "spune-i lui {}",
        "{} ko batao",
        "whats {}s new number",
        "wheres {} livin now",
        "find out where {} lives",
        "can you get {} to ring me",
        "put {} on the phone",
        "go round {}s and put it through the door",
        "hit {} up",
        "make {} drop the charges",
        "persuade {} to withdraw",
        "{} better drop it",
        "{} had better watch her back",
        "i know where {} lives",
        "gonna hurt {}",
        "{} is dead when i get out",
        "{} needs to know im coming",
        "{} its me baby",
        "{} i love you",
        "hi {}",
    ],
)
@pytest.mark.parametrize("name", ["Sarah", "sarah", "Sazza", "Sally", "sarahhh", "5arah", "Sаrah"])
def test_a_first_name_counts_with_an_intent(text: str, name: str) -> None:
    found = mentions(text.format(name))
    assert any(mention.intent is not None for mention in found), found


@pytest.mark.parametrize(
    "text",
    [
        "tell haras im sorry",
        "tell S im sorry",
        "tell SJJ im sorry",
        "tell Ms J",
        "tell Jonesy im sorry",
        "tell Jones im sorry",
        "tell SarahJane im sorry",
        "tell Sar ah im sorry",
        "tell S A R A H im sorry",
        "tell S.a.r.a.h im sorry",
    ],
)
def test_what_stands_for_her_name_counts_with_an_intent(text: str) -> None:
    assert mentions(text)


@pytest.mark.parametrize(
    "text",
    [
        "haras me",
        "S is my favourite letter",
        "sjj",
        "i send u a msg",
        "size S please",
        "ms just texted",
        "A, B or S",
    ],
)
def test_what_stands_for_her_name_is_nothing_by_itself(text: str) -> None:
    assert not mentions(text)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("tell our kids mum im sorry", True),
        ("tell our kid's mum I love her", True),
        ("tell the missus im sorry", True),
        ("tell her indoors im coming home", True),
        ("tell you know who I'm not finished", True),
        ("tell your sister I'm going to find her", True),
        ("my ex will pay for this, I know where she lives", True),
        ("make her drop the charges", True),
        ("get her 2 withdraw her statement", True),
        ("tell your sister happy birthday", False),
        ("the missus came on sunday", False),
        ("ring my wife", False),
        ("you know who won the match?", False),
        ("make her a cup of tea", False),
    ],
)
def test_what_she_is_to_him_counts_with_a_message_for_her_or_a_threat(text: str, counts: bool) -> None:
    assert bool(mentions(text)) is counts


def test_a_relation_of_the_other_gender_is_not_meant() -> None:
    assert not mentions("tell the missus im sorry", "Mr Anthony Pell")
    assert mentions("tell the missus im sorry", "Mrs Dorothy Pell")


# ── names that are words ────────────────────────────────────────────────────────────────────────────────

WORD_NAMES = "Hope Mark Joy Grace Faith Will May Rose Summer Dawn Holly Bill Eve Chance Lucky".split()
ORDINARY = [
    "i {} you are ok",
    "give {} a go",
    "find {} in it",
    "ask {} it rain",
    "let {} be done",
    "it was a {} day",
    "send {} and the rest",
    "visit {} 4th",
    "call {} time",
    "ring {} o clock",
    "pass my {} to my son",
    "show {} to the world",
    "the {} price is 4.99",
    "in {} we trust",
    "write to {} sheet",
    "{} for the best",
    "too much {} here",
    "tell {} stories",
]


@pytest.mark.parametrize("name", WORD_NAMES)
def test_a_name_that_is_a_word_is_none_in_ordinary_use(name: str) -> None:
    sentences = [form.format(name.lower()) for form in ORDINARY]
    sentences += [sentence.capitalize() for sentence in sentences]
    flagged = [sentence for sentence in sentences if mentions(sentence, f"{name} Baker")]
    assert len(flagged) <= len(sentences) * 0.05, flagged


@pytest.mark.parametrize("name", WORD_NAMES)
@pytest.mark.parametrize(
    "text", ["tell {} im sorry", "have a word with {}", "make {} drop the charges", "i know where {} lives"]
)
def test_a_name_that_is_a_word_counts_where_only_a_person_can_stand(name: str, text: str) -> None:
    assert mentions(text.format(name), f"{name} Baker")
    assert mentions(text.format(name.lower()), f"{name} Baker")


@pytest.mark.parametrize(
    ("name", "text", "counts"),
    [
        ("Mark Price", "the mark price is 4.99", False),
        ("Mark Price", "I saw Mark Price at court", True),
        ("Will Power", "it takes will power to quit smoking", False),
        ("Sue Law", "they will sue law firm", False),
        ("Holly Wood", "ship to holly wood", False),
        ("Holly Wood", "tell holly wood im sorry", True),
        ("Summer Day", "It was a summer day", False),
        ("Mum Green", "Tell mum im sorry", False),
        ("Princess Young", "Tell princess daddy loves her", False),
        ("Angel Love", "Tell Angel I love her", False),
        ("May Long", "Visit May 4th", False),
    ],
)
def test_a_whole_name_of_words_counts_with_its_capitals_or_a_sure_intent(
    name: str, text: str, counts: bool
) -> None:
    assert bool(mentions(text, name)) is counts


# ── what is told ────────────────────────────────────────────────────────────────────────────────────────


def test_the_phrase_its_kind_and_what_made_the_name_equal_are_told() -> None:
    (mention,) = mentions("wats sarahhs nu num")
    assert mention.intent is not None
    assert (mention.intent.phrase, mention.intent.kind) == ("whats … new number", "contact")
    assert mention.way == ("first", "Sarah Jane Jones")
    (mention,) = mentions("Zarah Jones")
    assert mention.steps == ("Zarah is a spelling of Sarah",)


def test_parts_of_a_name_are_not_told_beside_the_whole() -> None:
    assert kinds("tell Sarah Jones im sorry") == {"full"}


def test_a_name_is_told_once_and_at_the_place_where_an_intent_is_near() -> None:
    (mention,) = mentions("Sarah was there. So, tell Sarah hello from Sarah")
    assert mention.intent is not None
    assert mention.intent.phrase == "tell …"


def test_an_account_is_found_whatever_divides_its_parts() -> None:
    text = Text("my snap is Sally_Jones92 now")
    assert text.find_whole("sally_jones92") is not None
    assert text.find_whole("sally-jones92") is not None
    assert text.find_whole("sally_jones9") is None
    assert Text("i hope so").find_whole("hope") is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_search(text: str) -> None:
    for mention in mentions(text):
        assert mention.way.kind
    mentions(text, text or "x")


SPACING = st.sampled_from([" ", "  ", "-", ".", "", "\u200b", "\n", "_"])


@given(st.lists(SPACING, min_size=9, max_size=9), st.booleans())
def test_whatever_divides_the_letters_of_her_name_it_is_found(between: list[str], capitals: bool) -> None:
    letters = "sarahjones"
    written = "".join(a + b for a, b in zip(letters, [*between, ""], strict=True))
    assert mentions(f"saw {written.upper() if capitals else written} today")


@given(
    st.lists(st.text(alphabet="sarj", min_size=1, max_size=4), min_size=1, max_size=13),
    st.text(alphabet="sarj", min_size=2, max_size=5),
)
def test_a_name_stands_in_a_long_text_where_it_stands_in_a_short_one(words: list[str], name: str) -> None:
    way = Way("first", name)
    short = [*content._Reading(Said(" ".join(words))).whole(name, way)]
    behind = ["x"] * content._ORDINARY
    assert [*content._Reading(Said(" ".join([*words, *behind]))).whole(name, way)] == short


def test_a_short_form_that_no_table_has_counts_beside_the_family_name() -> None:
    assert kinds("saw Shabz Quillfeather today", "Shabnam Quillfeather") == {"nickname_surname"}
    assert not kinds("saw Shane Quillfeather today", "Shabnam Quillfeather")
