"""Labels that say what to do and nothing else, and codes that are found again and prove nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from adapters.mailroom.barcodes import CodeKind, find, own_label, understood
from adapters.mailroom.images import Picture, open_pages
from adapters.mailroom.labels import WORDS, label_pdf
from engine.model import Verdict
from tests.adapters.mailroom.drawing import envelope, pixels

ITEM = "ABCDEFGH234567XY"
WHEN = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
MAILMARK = "JGB 010123456712345678LS14AB1A 0             "


def with_code(text: str, tilt: float = 0) -> Picture:
    """An envelope with a DataMatrix in its corner."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    small = (
        Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(code)))
        .convert("RGB")
        .resize((160, 160), Image.Resampling.NEAREST)
    )
    image = envelope()
    image.paste(Image.new("RGB", (200, 200), "white"), (1180, 20))
    image.paste(small, (1200, 40))
    return pixels(image.rotate(tilt, expand=True, fillcolor="#887755", resample=Image.Resampling.BICUBIC))


@pytest.mark.parametrize("decision", ["allow", "flag", "block"])
def test_a_label_says_what_to_do_and_its_code_is_read_back(decision: Verdict) -> None:
    pdf = label_pdf(ITEM, decision, WHEN, "LEI")
    assert label_pdf(ITEM, decision, WHEN, "LEI") == pdf
    page = pypdfium2.PdfDocument(pdf)[0]
    text = page.get_textpage().get_text_range()
    assert WORDS[decision] in text
    assert "4 May 2026, 10:30" in text
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [100, 62]
    (picture,) = open_pages(pdf)
    (code,) = find(picture)
    assert (code.kind, code.item) == (CodeKind.OWN_LABEL, ITEM)


@pytest.mark.parametrize("tilt", [0, 7, 90, 180])
def test_a_mailmark_is_found_and_says_where_postage_was_paid_to(tilt: float) -> None:
    (code,) = find(with_code(MAILMARK, tilt))
    assert (code.kind, code.postcode) == (CodeKind.MAILMARK, "LS1 4AB")


def test_a_label_that_was_misread_is_nobodys() -> None:
    assert understood(own_label(ITEM)).item == ITEM
    assert understood(own_label(ITEM).replace("X", "Z")).kind is CodeKind.OTHER


def test_every_kind_says_what_it_does_not_prove() -> None:
    assert understood("123456789012").kind is CodeKind.SEND_LEGAL_MAIL
    assert all(kind.proves.endswith(".") and kind.does_not_prove.endswith(".") for kind in CodeKind)


def test_a_picture_without_a_code_has_none_and_a_code_tells_nothing_of_itself() -> None:
    assert find(pixels(envelope())) == ()
    assert "QB1" not in repr(understood(MAILMARK))
