"""Of several reasons the gravest names the item, and says how soon it is looked at."""

from __future__ import annotations

from service.review.model import gravest


def test_the_gravest_reason_names_the_item_wherever_it_stands() -> None:
    assert gravest("NEAR_NUMBER,RESTRICTED_NUMBER") == gravest("RESTRICTED_NUMBER,NEAR_NUMBER")
    assert gravest("NEAR_NUMBER,RESTRICTED_NUMBER")[0] == "RESTRICTED_NUMBER"


def test_a_reason_without_a_rank_comes_last_and_stands_where_it_is_alone() -> None:
    assert gravest("LATER_THAN_THIS_PROGRAM") == ("LATER_THAN_THIS_PROGRAM", 0)
    assert gravest("LATER_THAN_THIS_PROGRAM,NEAR_NUMBER")[0] == "NEAR_NUMBER"


def test_an_item_without_reasons_has_no_rank() -> None:
    assert gravest("") == ("", 0)
