"""Replies are read whole: every recipient, every text that a reader may see; errors name a field."""

from __future__ import annotations

import contextlib
import json
import time
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.messaging import replies
from adapters.messaging.pages import ReplyDoubt
from adapters.messaging.replies import Reply, ReplyError, read_email, read_json

JSON = {"id": "J1", "prisoner": "X1234BC", "to": "mum@example.org", "body": "See you on Sunday."}
NUMBER = "07700 900123"


def written(**fields: Any) -> bytes:
    return json.dumps({name: value for name, value in (JSON | fields).items() if value is not ...}).encode()


def new(**headers: str) -> EmailMessage:
    """A reply without text, as a prison's mail system would make it."""
    message = EmailMessage(policy=SMTP)
    plain = {"Message-ID": "<1@prison.example>", "From": "X1234BC@prison.example", "To": "mum@example.org"}
    for name, value in {
        **plain,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }.items():
        if value:
            message[name] = value
    return message


def of(text: str = "See you on Sunday.", **headers: str) -> EmailMessage:
    message = new(**headers)
    message.set_content(text)
    return message


def body(message: EmailMessage | bytes) -> str:
    first = read(message).attempts[0]
    assert first.body is not None
    return first.body


def read(message: EmailMessage | bytes) -> Reply:
    return read_email(message if isinstance(message, bytes) else message.as_bytes())


def doubts(reply: Reply) -> tuple[str, ...]:
    (told,) = {one.doubts for one in reply.attempts}
    return told


def raw(head: str, text: str = "Hello.", *, to: str = "To: mum@example.org\n") -> bytes:
    return f"Message-ID: <1@p.example>\nFrom: X1234BC@p.example\n{to}{head}\n{text}".encode()


def test_a_key_that_stands_twice_is_named() -> None:
    twice = written()[:-1] + b', "to": "other@example.org"}'
    with pytest.raises(ReplyError) as refused:
        read_json(twice)
    assert (refused.value.field, refused.value.what) == ("to", "the same key twice")


def test_json() -> None:
    (attempt,) = read_json(written(establishment="LEI")).attempts
    assert (attempt.id, attempt.channel, attempt.prisoner, attempt.establishment) == (
        "J1",
        "message",
        "X1234BC",
        "LEI",
    )
    assert (attempt.to, attempt.body) == ("mum@example.org", "See you on Sunday.")
    (attempt,) = read_json(written(subject="A subject")).attempts
    assert attempt.body == "A subject\nSee you on Sunday."


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": ...}, "id"),
        ({"id": " a"}, "id"),
        ({"id": "a" * 201}, "id"),
        ({"prisoner": ...}, "prisoner"),
        ({"prisoner": NUMBER}, "prisoner"),
        ({"prisoner": 7700900123}, "prisoner"),
        ({"establishment": NUMBER}, "establishment"),
        ({"to": NUMBER}, "to"),
        ({"to": "a@example.org, b@example.org"}, "to"),
        ({"to": "Mum <mum@example.org>"}, "to"),
        ({"to": "a@b@example.org"}, "to"),
        ({"to": "a" * 320 + "@example.org"}, "to"),
        ({"to": ["mum@example.org"]}, "to"),
        ({"body": ...}, "body"),
        ({"body": "a" * 200_001}, "body"),
        ({"cc": "dad@example.org"}, "cc"),
        ({NUMBER: ""}, "body of the request"),
    ],
)
def test_json_that_is_wrong_is_named_and_not_repeated(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ReplyError) as error:
        read_json(written(**fields))
    assert error.value.field == field
    assert "900123" not in str(error.value)


@pytest.mark.parametrize("said", [b"", b"{", b"null", b'"a"', b"\xff", b"[" * 100_000, b" " * 1_048_577])
def test_what_is_no_json_is_an_error(said: bytes) -> None:
    with pytest.raises(ReplyError):
        read_json(said)


def test_an_attempt_for_each_recipient_once() -> None:
    message = of(
        To="Mum <mum@example.org>, dad@example.org",
        Cc='"Gran, the" <gran@example.org>, mum@example.org',
        Bcc="Family: uncle@example.org, aunt@example.org;",
        X_Establishment="LEI",
    )
    reply = read(message)
    assert reply.id == "1@prison.example"
    assert [(one.id, one.to) for one in reply.attempts] == [
        ("1@prison.example#1of5", "mum@example.org"),
        ("1@prison.example#2of5", "dad@example.org"),
        ("1@prison.example#3of5", "gran@example.org"),
        ("1@prison.example#4of5", "uncle@example.org"),
        ("1@prison.example#5of5", "aunt@example.org"),
    ]
    assert {(one.channel, one.prisoner, one.establishment) for one in reply.attempts} == {
        ("message", "X1234BC", "LEI")
    }
    assert doubts(reply) == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Prisoner_Number": "X1234BC", "From": "replies@prison.example"},
        {"X_Prisoner_Number": "X1234BC", "From": ""},
        {"X_Prisoner_Number": "X1234BC", "From": "x1234bc@prison.example"},
        {"From": "x1234bc@prison.example"},
        {"From": "J Doe <j.doe.X1234BC@prison.example>"},
        {"From": "X1234BC <x1234bc-lei@prison.example>"},
    ],
)
def test_whose_reply_it_is(headers: dict[str, str]) -> None:
    assert read(of(**headers)).attempts[0].prisoner == "X1234BC"


@pytest.mark.parametrize(
    "headers",
    [
        {"From": "replies@prison.example"},
        {"From": ""},
        {"From": "X1234BC <replies@prison.example>"},
        {"From": "AX1234BC@prison.example"},
        {"From": "replies@X1234BC.example"},
        {"From": "X1234BC.Y1234BC@prison.example"},
        {"From": "X1234BC@prison.example, Y1234BC@prison.example"},
        {"X_Prisoner_Number": "Y1234BC"},
        {"X_Prisoner_Number": "nobody", "From": "replies@prison.example"},
    ],
)
def test_a_reply_of_nobody_or_of_two_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ReplyError, match=r"^prisoner: "):
        read(of(**headers))


def test_everything_that_a_reader_may_see_is_text() -> None:
    message = new(Subject="about the =?= weekend", To='"Auntie Bronagh" <aunt@example.org>')
    message.set_content("The plain text.\nSecond line.", cte="base64")
    message.add_alternative(
        "<p>The <b>HT</b>ML text.</p><!-- a comment --><a href='tel:0000'>x</a>", subtype="html"
    )
    message.add_attachment("The attached text.", filename="kite.txt")
    message.add_attachment("name;nickname", subtype="csv", filename="list.csv")
    reply = read(message)
    text = body(message)
    for part in (
        "about the =?= weekend",
        "Auntie Bronagh",
        "The plain text.\nSecond line.",
        "The HTML text.",
        "a comment",
        "tel:0000",
        "The attached text.",
        "kite.txt",
        "name;nickname",
    ):
        assert part in text
    assert doubts(reply) == ()


def test_the_same_text_as_plain_and_as_html_counts_once() -> None:
    message = of("See you on Sunday.")
    message.add_alternative("<html><body><p>See you\non   Sunday.</p></body></html>", subtype="html")
    assert body(message).partition("\nMessage-ID: ")[0] == "See you on Sunday."


def test_encodings_are_read() -> None:
    message = new(Subject="Café £5")
    message.set_content("Ring £07700 later – ŵyr", charset="utf-8", cte="quoted-printable")
    assert "Café £5" in body(message)
    assert "£07700 later – ŵyr" in body(message)
    latin = b"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n"
    assert body(raw(latin.decode()) + b"\xa35") == "Hello.£5\nMessage-ID: 1@p.example"


def html(text: str) -> Reply:
    message = new()
    message.set_content(text, subtype="html")
    return read(message)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("077<b>00</b> 900<i></i>123", "07700 900123"),
        ("077<!-- 5 -->00 900123", "07700 900123\n5"),
        ("07700<style>p {margin: 8px}</style> 900123", "07700 900123\np {margin: 8px}"),
        ("<p>one</p><p>two<br>three</p>", "one\ntwo\nthree"),
        ("&#48;&#x37;7&#48;0&nbsp;900123 &lt;b&gt;", "07700\xa0900123 <b>"),
        ("<img alt='07700 900123' src='cid:1'>", "\n07700 900123\ncid:1"),
        ("<title>07700</title><p>900123</p>", "900123\n07700"),
        ("unclosed <style>07700 900123", "unclosed \n07700 900123"),
        ("<style></style >07700 900123</style>", "07700 900123"),
        ("<script></script\t\n x>07700 900123", "07700 900123"),
        ("unclosed <!-- 07700 900123", "unclosed\n07700 900123"),
        ("<!--> 07700 900123 <!-- x -->", "\n07700 900123"),
        ("<!x 07700 900123>", "\n07700 900123"),
        ("<? 07700 900123>", "\n07700 900123"),
        ("</ 07700 900123>", "\n07700 900123"),
        ("07700 900123 <", "07700 900123 <"),
        ("07700 900123 <b", "07700 900123"),
        ("07700 9001&#50", "07700 90012"),
        ("<![CDATA[07700 900123]]>", "\n07700 900123"),
    ],
)
def test_html_is_read_as_it_is_shown(page: str, text: str) -> None:
    shown = html(page).attempts[0].body or ""
    for line in text.split("\n"):
        assert line.strip() in shown
    assert shown.startswith(text.partition("\n")[0].strip())


@pytest.mark.parametrize(
    "page",
    [
        "0<span style='display:none'>9</span>7700 900123",
        "0<span style='color:red; FONT-SIZE : 0px'>9</span>7700",
        "0<span hidden>9</span>7700",
        "07700<i style='visibility:hidden'>x</i>",
        "07700<b style='opacity:0'>x</b>",
    ],
)
def test_html_that_is_not_to_be_seen_is_a_doubt(page: str) -> None:
    assert doubts(html(page)) == (ReplyDoubt.UNLIKE_ITS_LOOK,)


def test_html_that_is_seen_is_none() -> None:
    page = "<p style='opacity:0.9; font-size:14px; display:block' class='hidden'>x</p>"
    assert doubts(html(page)) == ()


def test_an_attachment_that_is_no_text_is_a_doubt_and_its_name_is_text() -> None:
    message = of("See you.")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="07700 900123.png")
    reply = read(message)
    assert doubts(reply) == (ReplyDoubt.PICTURE,)
    text = reply.attempts[0].body or ""
    assert text.partition("\nMessage-ID: ")[0] == "See you.\n07700 900123.png"


def test_an_email_within_an_email_is_a_doubt_and_its_text_is_read() -> None:
    message = of("See you.")
    message.add_attachment(of("The inner text.", Subject="The inner subject"))
    reply = read(message)
    assert doubts(reply) == (ReplyDoubt.ATTACHMENT,)
    assert "The inner text." in (reply.attempts[0].body or "")
    assert len(reply.attempts) == 1


def test_multiparts_within_multiparts_are_read_to_the_innermost() -> None:
    part = "Content-Type: text/plain\n\nThe innermost text.\n"
    for n in range(8):
        part = f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n{part}\n--b{n}--\n'
    head, _, rest = part.partition("\n\n")
    assert body(raw(f"{head}\n", rest)).partition("\nMessage-ID: ")[0] == "The innermost text."


@pytest.mark.parametrize(
    "said",
    [
        raw("Content-Type: text/plain; charset=utf-8\n") + b"\xff\xfe",
        raw("Content-Type: text/plain; charset=utf-7\n", "+ADA-7700 900123"),
        raw("Content-Type: text/plain; charset=rot13\n", "abc"),
        raw("Content-Type: text/plain; charset=x-unknown\n"),
        raw("Subject: =?x-unknown?q?=ff?=\n"),
        raw("Content-Disposition: attachment; filename*=utf-8''%ff\n"),
    ],
)
def test_letters_that_cannot_be_told_for_sure_are_a_doubt(said: bytes) -> None:
    assert doubts(read(said)) == (ReplyDoubt.UNREADABLE_TEXT,)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (b"", "message-id"),
        (b"\x00\xff" * 50, "message-id"),
        (b"To: mum@example.org\nFrom: X1234BC@p.example\n\nHi", "message-id"),
        (raw("", to=""), "to"),
        (raw("", to="To: undisclosed-recipients:;\n"), "to"),
        (raw("", to="To: 07700 900123\n"), "to"),
        (raw("", to="To: <>\n"), "to"),
        (raw("", to="To: =?utf-8?q?=ff?= <mum@example.org>\n"), "to"),
        (raw("", to="To: mum@example.org dad@example.org\n"), "to"),
        (raw("", to='To: "a b"@example.org\n'), "to"),
        (raw("Cc: 07700 900123\n"), "cc"),
        (raw("Bcc: 07700 900123@\n"), "e-mail"),
        (raw("To: dad@example.org\n"), "to"),
        (raw("From: Y1234BC@p.example\n"), "from"),
        (raw("Message-ID: <2@p.example>\n"), "message-id"),
        (raw("X-Prisoner-Number: X1234BC\nX-Prisoner-Number: Y1234BC\n"), "x-prisoner-number"),
        (raw("Resent-To: dad@example.org\n"), "resent-to"),
        (raw("X-Establishment: Leeds\n"), "establishment"),
        (raw(f"Subject: {'a' * 5000}\n"), "subject"),
        (raw("", to="To: " + ", ".join(f"a{n}@example.org" for n in range(21)) + "\n"), "to"),
        (raw("Content-Type: multipart/mixed\n"), "e-mail"),
        (raw('Content-Type: multipart/mixed; boundary="b"\n'), "e-mail"),
        (
            raw('Content-Type: multipart/mixed; boundary="b"\n', "--b\nContent-Type: text/plain\n\nx\n"),
            "e-mail",
        ),
        (raw("Content-Transfer-Encoding: base64\n", "MDc3MDA"), "e-mail"),
        (raw("Content-Transfer-Encoding: base64\n", "MDc3*#!MDA"), "e-mail"),
        (raw("no header\n"), "e-mail"),
        (raw("", "a" * 200_001), "body"),
        (raw("Content-Type: text/html\n", "<b>" * 2001), "body"),
        (raw("", "a" * 1_048_577), "body of the request"),
        (raw('Content-Type: multipart/mixed; boundary="b"\n', "--b\n\nx\n" * 501), "e-mail"),
        (
            raw('Content-Type: multipart/mixed; boundary="b"\n', "--b\nContent-Type: text/plain\n\nx\n" * 51),
            "e-mail",
        ),
    ],
)
def test_an_email_that_is_broken_is_named_and_not_repeated(said: bytes, field: str) -> None:
    with pytest.raises(ReplyError) as error:
        read(said)
    assert error.value.field == field
    assert "900123" not in str(error.value)


HOSTILE = [
    (piece * 199_000)[:199_000]
    for piece in (
        *("a", "\n", " ", "{", "}", "[", "margin:", "margin", "url(", "url( ", "color:rgb(255,", "content:'"),
        *(
            "begin 644 a\n",
            "\n> ",
            "A" * 60 + "\n",
            "QUOTED-PRINTABLE",
            "QUOTED-PRINTABLE:=\n",
            "-----BEGIN A",
        ),
    )
]


def test_multiparts_too_deep_are_an_error() -> None:
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3000))
    with pytest.raises(ReplyError):
        read(raw(nested))


@pytest.mark.parametrize(
    "said",
    [
        raw(f"Content-Type: text/plain {'()' * 200_000}\n"),
        raw("Content-Type: text/plain\n" + "".join(f" ; a{n}=b\n" for n in range(50_000))),
        raw("", to="To: " + "," * 900_000 + "\n"),
        raw("Content-Type: text/html\n", "<a " * 60_000),
        raw("Content-Type: text/html\n", "<a" + " b" * 90_000),
        raw('Content-Type: multipart/mixed; boundary="b"\n', "--b\n\n" * 170_000),
        raw("Content-Type: text/plain; charset=x\n", "&" * 200_000),
        *(raw("Content-Type: text/html\n", f"<style>{each}") for each in HOSTILE),
        *(raw("Content-Type: text/html\n", f"<p style='{each}'>") for each in HOSTILE),
        *(raw(f"Content-Type: text/{kind}\n", each) for each in HOSTILE for kind in ("plain", "vcard")),
        raw("Content-Type: text/html\n", "<b style='float:right'>1" * 1999),
        raw("Content-Type: text/html\n", "<ol start=1><li>1<table><tr><td>" * 390),
        raw("Content-Type: text/html\n", "<!--[if mso]><b>" * 900),
    ],
)
def test_no_file_takes_long(said: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(ReplyError):
        read(said)
    assert time.process_time() - began < 3


_lines = st.lists(
    st.sampled_from(
        [
            b"Message-ID: <1@p.example>",
            b"From: X1234BC@p.example",
            b"To: mum@example.org",
            b'Content-Type: multipart/mixed; boundary="b"',
            b"Content-Type: text/html; charset=",
            b"Content-Type: message/rfc822",
            b"Content-Type: message/external-body",
            b"Content-Type: message/delivery-status",
            b"Content-Disposition: attachment; filename*=x''%ff",
            b"Content-Transfer-Encoding: uuencode",
            b"Content-Transfer-Encoding: base64",
            b"begin 644 a",
            b"Subject: =?utf-8?q?=ff?=",
            b"Cc: =?utf-8?b?////?= <a@b>",
            b"--b",
            b"--b--",
            b"",
            b" folded",
            b"\xff\x00",
            b"<a <!-- <![x[ &#0; &#xd800;",
        ]
    )
    | st.binary(max_size=40),
    max_size=25,
)


@settings(max_examples=600, deadline=None)
@given(_lines)
def test_any_bytes_are_a_reply_or_an_error_that_names_a_field(lines: list[bytes]) -> None:
    head = b"Message-ID: <1@p.example>\nFrom: X1234BC@p.example\nTo: mum@example.org\n"
    named: list[str] = []
    for said in (b"\n".join(lines), head + b"\n".join(lines)):
        try:
            reply = read(said)
        except ReplyError as error:
            named.append(error.field)
            continue
        assert reply.attempts
        for one in reply.attempts:
            (one.body or "").encode()
            assert replies.is_address(one.to)
    assert all(named)


def test_nothing_that_is_printed_shows_a_recipient_or_a_text() -> None:
    shown = repr(read(of("07700 900123")))
    assert "900123" not in shown
    assert "mum" not in shown
