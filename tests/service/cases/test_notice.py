"""What the prisoner is given holds her name, in English and Welsh, and nothing else of hers."""

from __future__ import annotations

import pypdfium2
import pytest

from service.cases.lettering import missing
from service.cases.notice import notice, printed


def text_of(pdf: bytes) -> str:
    """All that is written on it."""
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize(
    "name", ["Maren Thistlewood", "Siân ŵynne", "<b>Odd</b> & Sons", "A" * 190, "Ó Súilleabháin, Róisín"]
)
def test_the_notice_has_her_name_and_no_digit_of_hers(name: str) -> None:
    text = text_of(notice("A1234BC", name, "1 June 2026"))
    together = "".join(text.split())
    assert together.count("".join(name.split())) == 2
    assert [part for part in text.split() if any(map(str.isdigit, part))] == ["A1234BC", "1", "2026"]
    assert "contact" in text
    assert "gysylltu" in text


def test_a_name_in_another_alphabet_is_written_as_it_is() -> None:
    text = text_of(notice("A1234BC", "李娜 (Li Na)", "1 June 2026"))
    assert text.count("李娜") == 2


@pytest.mark.parametrize("name", ["अनीता शर्मा", "สมชาย", "ښاد", "Maren 𒀀"])
def test_a_name_that_no_typeface_has_is_told_and_spelled(name: str) -> None:
    assert missing(name)
    assert printed(name) is None
    assert printed(name, "अनीता") is None
    assert printed(name, "Anita Sharma") == "Anita Sharma"


@pytest.mark.parametrize("name", ["李娜", "김민지", "さくら"])
def test_a_name_that_some_computers_leave_blank_has_its_spelling_beside_it(name: str) -> None:
    assert not missing(name)
    assert printed(name) is None
    assert printed(name, "Li Na") == f"{name} (Li Na)"
    assert "(Li Na)" in text_of(notice("A1234BC", f"{name} (Li Na)", "1 June 2026"))
