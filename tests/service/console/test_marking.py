"""Two values side by side: what differs is marked, and everything is escaped."""

from __future__ import annotations

import html
import re

from hypothesis import given as for_any
from hypothesis import strategies as st

from service.console.marking import marked


def test_the_digit_that_differs_is_marked_on_both_sides() -> None:
    assert marked("07700 900124", "07700 900123") == (
        "07700 90012<mark>4</mark>",
        "07700 90012<mark>3</mark>",
    )


def test_what_only_one_side_has_is_marked_there_alone() -> None:
    assert marked("141 07700 900123", "07700 900123") == ("<mark>141</mark> 07700 900123", "07700 900123")


def test_case_spaces_and_commas_are_no_difference() -> None:
    assert marked("14 LARKMEAD ST, QB1 4AB", "14 Larkmead St\nQB14AB") == (
        "14 LARKMEAD ST, QB1 4AB",
        "14 Larkmead St\nQB14AB",
    )


def test_in_an_email_address_a_full_stop_is_a_difference() -> None:
    assert marked("a.b@x.example", "ab@x.example")[0] == "a<mark>.</mark>b@x.example"


def test_beside_nothing_nothing_is_marked() -> None:
    assert marked("<b>14", "") == ("&lt;b&gt;14", "")
    assert marked("", "<b>14") == ("", "&lt;b&gt;14")


def test_markup_in_either_value_is_text() -> None:
    here, there = marked("<script>1</script>", "<script>2</script>")
    assert here == "&lt;script&gt;<mark>1</mark>&lt;/script&gt;"
    assert there == "&lt;script&gt;<mark>2</mark>&lt;/script&gt;"


@for_any(st.text(max_size=30), st.text(max_size=30))
def test_without_its_marks_each_side_is_the_text_escaped(given: str, listed: str) -> None:
    for shown, text in zip(marked(given, listed), (given, listed), strict=True):
        assert html.unescape(re.sub("</?mark>", "", shown)) == html.unescape(html.escape(text))
        assert "<" not in re.sub("</?mark>", "", shown)


@for_any(st.text(max_size=30))
def test_a_value_beside_itself_has_no_mark(text: str) -> None:
    assert "<mark>" not in "".join(marked(text, text))
