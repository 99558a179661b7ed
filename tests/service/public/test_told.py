"""What whoever asked is told: whole in both languages, and it gives nothing away."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from service.public.told import TEXTS, TellStep, told

GIVES_AWAY = re.compile(
    r"prison|contact|letter|carchar|cysyllt\w+ â (hi|ef)|police|heddlu|victim|order", re.IGNORECASE
)


@pytest.mark.parametrize("step", get_args(TellStep))
def test_each_step_is_told_in_both_languages_and_says_nothing_to_who_reads_along(step: TellStep) -> None:
    english, welsh = (told(step, "UPC-2222-2222", language) for language in ("en", "cy"))
    for one in (english, welsh):
        assert "UPC-2222-2222" in one.subject
        assert one.text.count("UPC-2222-2222") == 1
        assert "%" not in one.subject + one.text
        assert GIVES_AWAY.search(one.subject + one.text) is None
    for paragraph in english.text.split("\n\n"):
        assert paragraph not in welsh.text
    assert set(TEXTS) == set(get_args(TellStep))
