"""An e-mail read for an officer: what is in it is found, its words stay whole, a bad file says so."""

from __future__ import annotations

from contextlib import suppress
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cases.email_reading import LONGEST_EMAIL, NOT_READABLE, read_file, read_text
from service.errors import InvalidError

SAID = """Hello,

my ex Dave Harris, born 3 May 1981, is at HMP Leeds I think. His number is A1234BC.
He rings me on 07700 900123, and my mother Rosa Thistlewood on 01632 960410.
I live at 7 Larkmead Road, Northmarch, LS1 4AB. My other mail is maren.t@example.net, insta @maren_t
"""


def email(said: str = SAID, **headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in {"From": "Maren Thistlewood <maren@example.org>", **headers}.items():
        made[name] = value
    made["Subject"] = "Please stop him"
    made.set_content(said)
    return made


def test_what_stands_in_it_is_found_and_its_words_are_whole() -> None:
    read = read_file(email().as_bytes())
    assert (read.asker, read.email) == ("Maren Thistlewood", "maren@example.org")
    assert (read.sought, read.number, read.prison, read.born) == (
        "Dave Harris",
        "A1234BC",
        "Leeds",
        "1981-05-03",
    )
    assert read.phones == ("07700 900123", "01632 960410")
    assert read.addresses == ("7 Larkmead Road, Northmarch, LS1 4AB",)
    assert (read.emails, read.accounts) == (("maren.t@example.net",), ("@maren_t",))
    assert "Rosa Thistlewood" in read.names
    assert SAID.strip() in read.words
    assert read.words.startswith("From: Maren Thistlewood")


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"J\xe9r\xf4me", "J\u00e9r\u00f4me"),
        ("J\u00e9r\u00f4me".encode(), "J\u00e9r\u00f4me"),
        (b"\x93J\xe9r\xf4me\x94", "\u201cJ\u00e9r\u00f4me\u201d"),
        (b"\xed\xa0\x80J\x81", None),
        (b"=?x-none?q?J=E9r?=", None),
    ],
)
@pytest.mark.parametrize("header", ["From", "Date", "Subject"])
def test_a_header_in_whatever_bytes_is_shown_and_can_be_written(
    raw: bytes, name: str | None, header: str
) -> None:
    heads = {"From": b"Ida <maren@example.org>", "Date": b"Mon, 1 Jun 2026 10:00:00 +0000", "Subject": b"x"}
    heads[header] = raw + b" <maren@example.org>"
    lines = [b": ".join((one.encode(), value)) for one, value in heads.items()]
    read = read_file(b"\n".join([*lines, b"", SAID.encode()]))
    told = "".join(map(str, read))
    assert told.encode().decode() == told
    if header == "From":
        assert read.email == "maren@example.org"
        assert name is None or (read.asker.strip("\u201c\u201d"), name in read.words) == (
            "J\u00e9r\u00f4me",
            True,
        )


def test_labels_are_read_in_a_text_that_was_pasted() -> None:
    text = "Prisoner: David HARRIS DOB 03/05/1981\nVictim: Odile Thistlewood\n A1234BC or A1235BC"
    read = read_text(text)
    assert (read.sought, read.born, read.name) == ("David HARRIS", "1981-05-03", "Odile Thistlewood")
    assert read.number == ""  # two are named: which is his, a person says
    assert read.words == text


def test_html_is_read_and_a_picture_is_told() -> None:
    made = email()
    made.add_alternative("<p>Ring <b>07700 900456</b></p>", subtype="html")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png")
    read = read_file(made.as_bytes())
    assert "07700 900456" in read.phones
    assert read.doubts


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", NOT_READABLE),
        (b"\xff\xd8\xff\x00plantedjpeg", NOT_READABLE),
        (b"plantedtext", NOT_READABLE),
        (b"From: a@example.org\nContent-Type: multipart/mixed; boundary=x\n\nplanted", NOT_READABLE),
        (b"Content-Type: text/plain\n" * 60 + b"From: a@example.org\n\nplanted", "too many parts"),
        (b"From: " + b"planted " * 1_000 + b"<a@example.org>\n\nx", "more than 4,096 characters"),
        (b"x" * (LONGEST_EMAIL + 1), "larger than 10 MB"),
    ],
)
def test_a_bad_file_says_what_is_wrong_beside_its_field(said: bytes, why: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_file(said)
    assert why in refused.value.detail
    assert "planted" not in refused.value.detail
    assert refused.value.field == "email_file"


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"From: {text}\n\n{text}".encode()))
def test_whatever_is_dropped_in_is_read_or_refused(said: bytes) -> None:
    with suppress(InvalidError):
        read_file(said)
