"""A file that somebody sent is shown as it was drawn anew, or is not shown and that is said."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from service.cases import evidence
from service.cases.evidence import render, shown


def picture(kind: str, size: tuple[int, int] = (400, 300), **saved: object) -> bytes:
    """A red picture with something behind its end."""
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **saved)
    return out.getvalue() + b"<script>payload</script>"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "PDF"])
def test_pictures_and_pages_are_drawn_anew(kind: str) -> None:
    found = render(picture(kind, (3000, 2000)))
    (page,) = found.pictures
    with Image.open(BytesIO(page)) as image:
        assert image.format == "JPEG"
        assert max(image.size) <= evidence.SIDE
        red, green, _ = image.convert("RGB").getpixel((9, 9))  # type: ignore[misc]
    assert red > 200 > green
    assert b"payload" not in page


def test_no_more_pages_than_are_read_by_somebody() -> None:
    pages = [Image.new("RGB", (200, 200))] * 25
    found = render(picture("PDF", (200, 200), save_all=True, append_images=pages))
    assert (len(found.pictures), found.is_cut) == (evidence.MOST_PAGES, True)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Siân rang\r\n<b>twice</b>".encode(), "Siân rang\n<b>twice</b>"),
        ("مرحبا".encode("utf-16"), "مرحبا"),
        (b"caf\xe9", "café"),
        ("pay\u202egnp.exe".encode(), "pay\N{REPLACEMENT CHARACTER}gnp.exe"),
    ],
)
def test_a_text_is_a_text(content: bytes, text: str) -> None:
    assert render(content).text == text


@pytest.mark.parametrize(
    "content", [b"MZ\x00\x01\x02", b"PK\x03\x04\x00\x00", b"%PDF-1.7 broken", b"\xff\xd8\xff broken", b""]
)
def test_what_cannot_be_shown_is_told(content: bytes) -> None:
    found = render(content) if content else shown(content)
    assert found.told
    assert found.pictures == ()
    assert found.text == ""


def test_it_is_opened_in_a_process_with_little_time_and_none_of_our_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert shown(picture("PNG")).pictures
    assert not {name for name in evidence._ENVIRONMENT if name.startswith("NOCONTACT")}
    monkeypatch.setattr(evidence, "TIMEOUT", 0.01)
    assert "too long" in shown(picture("PNG")).told
