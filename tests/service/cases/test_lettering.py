"""Every letter of a name is seen as it is read, or it is told that it cannot be."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cases.lettering import is_brought, marked, missing


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("محمد علي", "ﻲﻠﻋ ﺪﻤﺤﻣ"),
        ("لؤلؤة الأحمد (لولو)", "(ﻮﻟﻮﻟ) ﺪﻤﺣﻷﺍ ﺓﺆﻟﺆﻟ"),
        ("شاه\u200cزاده پگاه", "ﻩﺎﮕﭘ ﻩﺩﺍﺯﻩﺎﺷ"),
        ("שרה כהן", "ןהכ הרש"),
        ("نور née Smith", "ﺭﻮﻧ née Smith"),
        ("Юлия Ивановна", "Юлия Ивановна"),
    ],
)
def test_a_name_is_joined_and_in_the_order_in_which_it_is_seen(name: str, seen: str) -> None:
    assert not missing(name)
    assert not is_brought(name)
    assert marked(name).replace("\N{NO-BREAK SPACE}", " ") == seen


@given(st.text(max_size=40))
def test_no_letter_is_lost_untold(name: str) -> None:
    told = set(missing(name))
    shown = unicodedata.normalize("NFKC", re.sub("<[^>]*>", "", marked(name)))
    letters = {one for one in unicodedata.normalize("NFKC", name) if one.isalpha()}
    lost = unicodedata.normalize("NFKC", "".join(told))
    assert letters <= {*shown, *lost}
