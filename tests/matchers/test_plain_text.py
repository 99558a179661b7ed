"""What a word of a plain text may be is told of every row of the tables that its readers read."""

from __future__ import annotations

from matchers import intent, spoken, tables
from matchers.look import PLATFORM_WORDS
from matchers.plain_text import HOLDS, MEANS, MORE, Forms, facts_of, made_of, read


def test_every_word_that_says_a_digit_is_asked_for() -> None:
    words = [row[0] for table in ("number_words", "number_words_wide") for row in tables.rows(table)]
    plain = [word for word in words if word.isascii() and word.isalpha() and spoken.held_by(word)]
    assert len(plain) > 300
    assert [w for w in plain if not facts_of(w) & HOLDS and spoken.held_by(w) != spoken.LEFT_OUT] == []


def test_every_network_and_every_other_spelling_is_asked_for() -> None:
    assert [word for word in PLATFORM_WORDS if not facts_of(word) & MORE] == []
    spelt = [spelling for _, spellings in tables.rows("texting_spellings") for spelling in spellings.split()]
    assert [word for word in spelt if not facts_of(word) & (MEANS | MORE)] == []


def test_every_phrase_that_needs_no_name_is_asked_for() -> None:
    phrases = [found[0] for _, found in intent._phrases().nameless.items()]
    assert len(phrases) > 1_000
    for phrase in phrases:
        assert intent.may_need_no_name(phrase.split()), phrase
        assert intent.needs_no_name(["well", *phrase.split(), "you"]), phrase


def test_a_text_of_plain_words_is_cut_and_any_other_is_not() -> None:
    text = read("Don't go. Sunday, mum, at 7!")
    assert text is not None
    assert text.words == ["don", "t", "go", "sunday", "mum", "at", "7"]
    assert text.spoken == ["dont", "go", "sunday", "mum", "at", "7"]
    assert text.digits == b"7"
    for other in ("caf\u00e9", "a_b", "a.b", "a!b", "a''b", "x" * 5_000, "at 7..", '!"!"', "(a)"):
        assert read(other) is None, other


def test_a_form_stands_where_words_make_it_whole() -> None:
    forms = Forms(["sarahjones", "s"])
    assert forms.may_stand_in({"jones", "sarah"})
    assert forms.may_stand_in({"sa", "rah", "jon", "es"})
    assert forms.may_stand_in({"s", "mum"})
    assert not forms.may_stand_in({"sarah", "jone", "jonesy", "mum"})
    assert made_of("", set())
    assert not made_of("a" * 59 + "b", {"a", "aa"})
