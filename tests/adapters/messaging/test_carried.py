"""However an e-mail carries a restricted number or name, it is found, or somebody has to look."""

from __future__ import annotations

import base64
import binascii
import zipfile
from datetime import UTC, datetime
from functools import cache
from io import BytesIO

import pytest

from adapters.messaging.replies import read_email
from engine.blocklist import compile_blocklist
from engine.jsonl import read_restriction
from engine.model import Decision
from engine.policy import read_policy
from engine.screener import Screener

HEAD = "Message-ID: <1@prison.example>\n"
SENDER = "From: X1234BC@prison.example\n"
FROM = "From: {} <X1234BC@prison.example>\n"
TO = "To: mum@example.org\n"
RESTRICTED = b"""{"id": "R1", "prisoner": "X1234BC", "protected": {"name": "Rhoswen Tallantyre"}, "contacts":
[{"kind": "phone", "value": "07700 900123"}, {"kind": "email", "value": "rhoswen@mail.example"}]}"""
DIGITS = "07700900123"
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(200))).decode()


@cache
def screener() -> Screener:
    listed = read_restriction(RESTRICTED).restriction
    return Screener(compile_blocklist([listed]), read_policy(None))


def decided(head: str, text: str | bytes = "Hello.", to: str = TO) -> Decision:
    """The strictest answer of all recipients."""
    said = text if isinstance(text, bytes) else text.encode()
    sender = "" if head.startswith("From:") else SENDER
    reply = read_email((HEAD + sender + to + head).encode() + b"\n" + said)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    answers = [screener().check(one, at) for one in reply.attempts]
    return max(answers, key=lambda answer: ("allow", "flag", "block").index(answer.decision))


def page(text: str) -> tuple[str, str]:
    return "Content-Type: text/html; charset=utf-8\n", text


def parts(*each: str, kind: str = "mixed") -> tuple[str, str]:
    body = "".join(f"--b\n{one}\n" for one in each) + "--b--\n"
    return f'MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="b"\n', body


def part(kind: str, text: str = "Hello.", more: str = "") -> str:
    return f"Content-Type: {kind}\n{more}\n{text}\n"


def attached(name: str, said: bytes, kind: str = "application/octet-stream") -> tuple[str, str]:
    coded = base64.encodebytes(said).decode()
    more = f'Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="{name}"\n'
    return parts(part("text/plain"), part(kind, coded, more))


def zipped() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", DIGITS)
    return packed.getvalue()


def uuencoded(said: bytes) -> str:
    lines = b"".join(binascii.b2a_uu(said[n : n + 45]) for n in range(0, len(said), 45))
    return f"begin 644 a\n{lines.decode()}`\nend\n"


def spelled(tag: str = "") -> str:
    return "".join(f"<ol start={digit} {tag}><li></li></ol>" for digit in DIGITS)


def each(style: str, tag: str = "span") -> str:
    return "".join(f'<{tag} style="{style}">{digit}</{tag}>' for digit in reversed(DIGITS))


LONG = ("x" * 300 + DIGITS).encode()
CARD = "BEGIN:VCARD\nVERSION:2.1\nFN:A\n{}\nEND:VCARD\n"
NESTED = parts(part("text/plain"), part("text/html", f"<p>{DIGITS}</p>"), kind="alternative")
QP_LINES = "077=\n00 9=\n001=\n23"
HALVES = '<{0} style="{1}">0</{0}>7<{0} style="{1}">9</{0}>700 900123'
SHEET = "<style>{}</style>"

WAYS: dict[str, tuple[str, str | bytes]] = {
    # the parts
    "an HTML part that says more than the plain one": NESTED,
    "a plain part that says more than the HTML one": parts(
        part("text/plain", DIGITS), part("text/html", "<p>Hello</p>"), kind="alternative"
    ),
    "a part in a part": parts(
        part('multipart/related; boundary="c"', f"--c\n{part('text/plain', DIGITS)}--c--")
    ),
    "before the first part": (parts("x")[0], DIGITS + "\n--b\nContent-Type: text/plain\n\nHello\n--b--\n"),
    "behind the last part": (parts("x")[0], "--b\nContent-Type: text/plain\n\nHello\n--b--\n" + DIGITS),
    "a second body": parts(part("text/plain"), part("text/plain", DIGITS)),
    "an e-mail in it": parts(part("message/rfc822", f"Subject: {DIGITS}\nFrom: a@b.example\n\nHi")),
    "the head of an e-mail in it": parts(part("message/rfc822", f"To: {DIGITS} <a@b.example>\n\nHi")),
    "a body elsewhere": parts(
        part('message/external-body; access-type=URL; URL="http://x.example"', part("text/plain"))
    ),
    "a body in pieces": ("Content-Type: message/partial; id=a; number=1; total=2\n", "Subject: a\n\n077009"),
    "a signed part that is closed": (
        "Content-Type: application/pkcs7-mime; smime-type=signed-data\n",
        "MIAG",
    ),
    "an encrypted part": parts(part("application/pgp-encrypted"), part("application/octet-stream")),
    "an AMP page": parts(
        part("text/plain"), part("text/x-amp-html", "<html amp4email>x"), kind="alternative"
    ),
    # the head
    "a folded subject": (f"Subject: {DIGITS[:5]}\n {DIGITS[5:]}\n", "Hello"),
    "an encoded subject": (
        "Subject: =?utf-8?b?" + base64.b64encode(DIGITS.encode()).decode() + "?=\n",
        "Hello",
    ),
    "an encoded subject in two": ("Subject: =?utf-8?q?07700?= =?utf-8?q?900123?=\n", "Hello"),
    "a name to answer to": (f"Reply-To: {DIGITS} <a@b.example>\n", "Hello"),
    "an address to answer to": ("Reply-To: rhoswen@mail.example\n", "Hello"),
    "comments": (f"Comments: ring {DIGITS}\n", "Hello"),
    "an organisation": (f"Organization: {DIGITS}\n", "Hello"),
    "a header of nobody's": (f"X-Note: {DIGITS}\n", "Hello"),
    "a header that sounds like a program's": (f"Content-Note: {DIGITS}\n", "Hello"),
    "a description": (f"Content-Description: {DIGITS}\n", "Hello"),
    "a sender's name in words": (FROM.format("oh seven seven double oh nine double oh one two three"), ""),
    "a sender's name that is an address": (FROM.format("rhoswen at mail dot example"), ""),
    "a comment beside the sender": (f"From: X1234BC@prison.example ({DIGITS})\n", ""),
    "a comment beside a recipient": ("Cc: a@b.example (rhoswen@mail.example)\n", ""),
    "an encoded comment": ("Cc: a@b.example (=?utf-8?q?rhoswen=40mail.example?=)\n", ""),
    "a group's name": (f"Cc: {DIGITS}: a@b.example;\n", ""),
    "a way to a recipient": ("Cc: <@rhoswen.mail.example:a@b.example>\n", ""),
    # what a part is, told twice
    "two codings": (
        "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n",
        base64.b64encode(DIGITS.encode()),
    ),
    "two kinds": ("Content-Type: text/plain\nContent-Type: text/html\n", "<p>Hello"),
    "two boundaries": (
        "Content-Type: multipart/mixed; boundary=b\nContent-Type: multipart/mixed; boundary=c\n",
        parts(part("text/plain"))[1],
    ),
    "two boundaries of one": (
        "Content-Type: multipart/mixed; boundary=b; boundary=c\n",
        parts(part("text/plain"))[1],
    ),
    "a charset in two ways": ("Content-Type: text/plain; charset*0=utf-8; charset=utf-16\n", "Hello"),
    "a charset in a comment": ("Content-Type: text/plain (; charset=utf-16); charset=utf-8\n", "Hello"),
    "a line that is nearly a boundary": parts(part("text/plain", "Hello.\n--bc\n" + part("text/plain"))),
    "a part behind the last": (parts("x")[0], parts(part("text/plain"))[1] + "--b\n" + part("text/plain")),
    "two charsets": ("Content-Type: text/plain; charset=utf-8; CHARSET=utf-16\n", "Hello"),
    "two names": parts(part("text/plain; name=a.txt; name=b.txt")),
    "two descriptions": parts(part("text/plain", more="Content-Description: a\nContent-Description: b\n")),
    # names of files
    "a file's name": attached(f"{DIGITS}.txt", b"Hello"),
    "a file's name in pieces": parts(
        part("text/plain", "x", "Content-Disposition: attachment; filename*0=07700; filename*1=900123\n")
    ),
    "a file's name in percent signs": parts(
        part("text/plain", "x", "Content-Disposition: attachment; filename*=utf-8''%30%37%37%30%30900123\n")
    ),
    "a file's other name": parts(
        part(f"text/plain; name={DIGITS}.txt", "x", "Content-Disposition: attachment; filename=a.txt\n")
    ),
    # codings
    "quoted-printable, broken anywhere": ("Content-Transfer-Encoding: quoted-printable\n", QP_LINES),
    "quoted-printable letters": (
        "Content-Transfer-Encoding: quoted-printable\n",
        "".join(f"={ord(digit):02X}" for digit in DIGITS),
    ),
    "base64": ("Content-Transfer-Encoding: base64\n", base64.b64encode(DIGITS.encode())),
    "a coding that nobody knows": ("Content-Transfer-Encoding: rot13\n", "Hello"),
    "UTF-7": ("Content-Type: text/plain; charset=utf-7\n", "+ADAANwA3-00"),
    "UTF-16": ("Content-Type: text/plain; charset=utf-16\n", DIGITS.encode("utf-16")),
    "a page that says another charset": page(f'<meta charset="utf-16"><p>{"x"}'),
    "flowed lines without their spaces": (
        "Content-Type: text/plain; format=flowed; delsp=yes\n",
        "Please tell Rhos \nwen Tallan \ntyre that I love her",
    ),
    "uuencoded text": ("", "Look:\n" + uuencoded(LONG)),
    "an uuencoded picture": ("", uuencoded(b"\x89PNG\x00\x01\xff" * 20)),
    "a base64 block": ("", base64.encodebytes(LONG)),
    "a quoted base64 block": (
        "",
        b"".join(b"> " + line + b"\n" for line in base64.encodebytes(LONG).split()),
    ),
    "a base64 block of a picture": ("", base64.encodebytes(b"\x89PNG\x00\xff" * 30)),
    "a yEnc block": ("", "=ybegin line=128 size=9 name=a\nabc\n=yend size=9\n"),
    "a PGP message": ("", "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"),
    # files
    "RTF": attached("a.rtf", b"{\\rtf1 \\'30\\'37\\'37\\'30\\'30\\u57?\\u48?0123}", "text/rtf"),
    "RTF that is called text": attached("a.txt", b"{\\rtf1 \\'30\\'37}", "text/plain"),
    "winmail.dat": attached("winmail.dat", b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    "a zip": attached("a.zip", zipped(), "application/zip"),
    "a zip that is called text": attached("a.txt", zipped(), "text/plain"),
    "a picture that is called text": attached("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "text/plain"),
    "a text of no kind": attached("a.txt", DIGITS.encode()),
    "a page that is called text": attached("a.html", b"<p>077<b>00</b>9<i>001</i>23", "text/plain"),
    "a card": attached("a.vcf", CARD.format(f"TEL:{DIGITS}").encode(), "text/vcard"),
    "a card's folded line": attached("a.vcf", CARD.format("TEL:0770\n 0900\n 123").encode()),
    "a card's coded line": attached(
        "a.vcf",
        CARD.format(
            "TEL;ENCODING=QUOTED-PRINTABLE:=\r\n" + "".join(f"={ord(one):02X}" for one in DIGITS)
        ).encode(),
    ),
    "a card's picture": attached("a.vcf", CARD.format(f"PHOTO;ENCODING=BASE64:{PICTURE}").encode()),
    "a date": attached(
        "a.ics", f"BEGIN:VCALENDAR\nSUMMARY:{DIGITS}\nEND:VCALENDAR".encode(), "text/calendar"
    ),
    # pages
    "an inline picture": page(f'<img src="data:image/png;base64,{PICTURE}">'),
    "an inline text": page(
        f'<a href="data:text/plain;base64,{base64.b64encode(DIGITS.encode()).decode()}">x'
    ),
    "a picture elsewhere": page('<img src="https://pictures.example/1">'),
    "a picture for some": page('<picture><source srcset="https://pictures.example/1"></picture>'),
    "a background": page('<td background="//pictures.example/1">x'),
    "a style's background": page("<p style=\"background:url('https://pictures.example/1')\">x"),
    "a style sheet elsewhere": page('<link rel=stylesheet href="https://pictures.example/1.css">Hello'),
    "an import": page('<style>@import "https://pictures.example/1.css";</style>Hello'),
    "struck out": page("07700 9<s>9</s>00123"),
    "struck out by a style": page("07700 9<b style='text-decoration: line-through'>9</b>00123"),
    "struck out by a class": page(
        SHEET.format(".x{text-decoration:line-through}") + "0<u class=x>9</u>7700900123"
    ),
    "deleted": page("07700<del>1</del> 900123"),
    "raised": page("07700 9<sup>1</sup>00123"),
    "lowered, and struck out": page("0770<sub>1</sub>0 9<strike>1</strike>00123"),
    "lowered digits of it beside others that are struck out": page(
        "0770<sub>0</sub> 9<strike>1</strike>00123"
    ),
    "small": page("07700 9<font size=1>1</font>00123"),
    "small by its style": page("07700 9<b style='font-size: 4.5px'>1</b>00123"),
    "as its background": page("07700 9<b style='background:#000;color:#000'>1</b>00123"),
    "nearly as its background": page("<td bgcolor=navy>07700 9<font color='#000070'>1</font>00123"),
    "nearly white": page("07700 9<b style='color:rgb(240, 240, 245)'>1</b>00123"),
    "nearly white by a class": page(SHEET.format(".x{color:#eee}") + "0<u class=x>9</u>7700900123"),
    "a drawing": page('<svg><text x="20">900123</text><text x="1">07700</text></svg>'),
    "a frame": page('<iframe src="https://pictures.example/1"></iframe>'),
    "a frame's own page": page('<iframe srcdoc="&lt;b>077</b>"></iframe>'),
    "an object": page('<object data="https://pictures.example/1"></object>'),
    "a page that goes elsewhere": page(
        '<meta http-equiv="refresh" content="0;url=https://pictures.example">'
    ),
    "counted digits": page(spelled()),
    "counted digits as values": page("<ol>" + "".join(f"<li value={one}>" for one in DIGITS) + "</ol>"),
    "a count before the rest": page("<ol start=7700><li>900123</ol>"),
    "counted letters": page(
        "Tell <ol>" + "".join(f"<li type=A value={ord(one) - 64}>" for one in "RHOSWENTALLANTYRE") + "</ol>"
    ),
    "counted backwards": page("<ol reversed start=07700><li>900123</ol>"),
    "a style's text": page("<style>p::before{content:'07700'}</style><p>900123</p>"),
    "a style's counter": page("<style>p::before{content:counter(a)}</style><p>900123</p>"),
    "a style's escapes": page("<p style='x:\"\\30\\37\\37\\30\\30\\39\\30\\30\\31\\32\\33\"'>x"),
    "hidden by its style": page(HALVES.format("b", "display:none")),
    "hidden by its colour": page(HALVES.format("b", "color:#ffffff")),
    "hidden by its size": page(HALVES.format("b", "font-size:1px")),
    "hidden by a class": page(SHEET.format("p .x{display:none}") + "0<b class='y x'>9</b>7700 900123"),
    "hidden by a tag": page(SHEET.format("@media all{u{font-size:0}}") + "0<u>9</u>7700 900123"),
    "hidden by whatever": page(SHEET.format("[lang]{display:none}") + "0<u lang=x>9</u>7700 900123"),
    "shown to one program": page("0<!--[if mso]>7700 900<![endif]-->123"),
    "turned by a style": page(each("float:right")),
    "turned by a direction": page('<p style="direction:rtl;unicode-bidi:bidi-override">321 009 00770</p>'),
    "turned by a tag": page("<bdo dir=rtl>321009</bdo><bdo dir=rtl>00770</bdo>"),
    "a name placed letter by letter": page(
        "".join(f'<b style="position:absolute;left:{n}px">{one}</b>' for n, one in enumerate("nmorf"))
    ),
    "placed one by one": page(each("position:absolute;left:3px")),
    "in another order": page(f'<p style="display:flex;flex-direction:row-reverse">{each("x")}</p>'),
    "tags within": page("<b>0</b>7<i>7<u>0</u></i>0<wbr>9&shy;0&#x200b;0<font>1</font>2&zwnj;3"),
    "columns of a table": page("<table>" + "".join(f"<tr><td>{one}<td>9" for one in DIGITS) + "</table>"),
    "rows of a table": page("<table><tr>" + "".join(f"<td>{one}" for one in DIGITS) + "</table>"),
    "an attribute": page(f'<div data-note="{DIGITS}" title=x>Hello'),
    "a form": page(f'<select><option label="{DIGITS}"></select>'),
    "entities": page("".join(f"&#{ord(one)};" for one in DIGITS)),
    # letters
    "marks of direction": ("", "\u202e321009\u202c \u200f00770"),
    "turned by a mark": ("", "\u202e321 009 00770\u202c"),
    "letters of no width": ("", "\u200b".join(DIGITS)),
    "a name with letters of no width": ("", "Please tell Rhos\u200bwen Tallan\u2060tyre that I love her"),
    "letters of full width": ("", "".join(chr(ord(one) + 0xFEE0) for one in DIGITS)),
    "where it is returned to": (f"Return-Path: <{DIGITS}@bounce.example>\n", "Hello."),
    "where it was delivered": (f"Delivered-To: +44{DIGITS[1:]}@a.example\n", "Hello."),
    "what it answers": (f"In-Reply-To: <{DIGITS}@a.example>\n", "Hello."),
    "who passed it on": (f"Received: from {DIGITS} by a.example; Mon, 1 Jun 2026 09:00:00 +0000\n", "Hello."),
    "a list": (f"List-Unsubscribe: <tel:{DIGITS}>\n", "Hello."),
    "a program's header": (f"X-MS-Exchange-Note: {DIGITS}\n", "Hello."),
    "a header's name": (f"X-{DIGITS}: yes\n", "Hello."),
    "a program's name": ("User-Agent: oh seven seven double oh nine double oh one two three\n", "Hello."),
    "a date's comment": (f"Date: Mon, 1 Jun 2026 09:00:00 +0000 ({DIGITS})\n", "Hello."),
    "a version's comment": (f"MIME-Version: 1.0 ({DIGITS})\n", "Hello."),
    "a boundary": (
        f'Content-Type: multipart/mixed; boundary="{DIGITS}"\n',
        f"--{DIGITS}\n\nHi\n--{DIGITS}--\n",
    ),
    "a part's name": parts(part("text/plain", more=f"Content-ID: <{DIGITS}@a.example>\n")),
    "a parameter's name": (f"Content-Type: text/plain; x{DIGITS}=1\n", "Hello."),
    "the sender's address": (f"From: X1234BC+44{DIGITS[1:]}@prison.example\n", "Hello."),
    "the sender's address in words": (
        "From: x1234bc.oh.seven.seven.double.oh.nine.double.oh.one.two.three@p.example\n",
        "Hello.",
    ),
    "the sender's domain": (f"From: X1234BC@{DIGITS}.example\n", "Hello."),
}
"""How a number or a name is carried; each comes to the same."""


@pytest.mark.parametrize("way", WAYS)
def test_nothing_restricted_is_delivered_however_it_is_carried(way: str) -> None:
    assert decided(*WAYS[way]).decision != "allow"


@pytest.mark.parametrize(
    "to",
    [
        f"{DIGITS}@txt.example",
        f"Mum <44{DIGITS[1:]}@txt.example>",
        "+447700900123@sms.example",
        "0770-090-0123@txt.example",
        "sms.07700900123.uk@txt.example",
        "07700900123%txt@relay.example",
        "0044-7700-900123=x@txt.example",
    ],
)
def test_a_gateway_to_a_telephone_is_the_telephone(to: str) -> None:
    assert decided("", to=f"To: {to}\n").decision == "block"
    assert decided(f"Bcc: {to}\n").decision == "block"


INNOCENT: dict[str, tuple[str, str]] = {
    "a date and a price, set apart, and words in colour": page(
        'On the 15<sup>th</sup> of May <s>£12.50</s> £10 <span style="color:#1f497d">for 2</span>'
        "<small>12 March 2026</small>"
    ),
    "pale letters on a dark ground": page(
        SHEET.format(".dark{background:#111}")
        + 'See <span class=dark>you</span> <i style="background:#000"><b style="color:#ddd">on '
        "Sunday</b></i> at 2"
    ),
    "a sender of the restricted name": (FROM.format('"Tallantyre-Jones, Rhoswen J."'), "Hello"),
    "a file's name in quotes": parts(part('text/plain; charset=utf-8; name="a (1); name=b.txt"')),
    "a reply under which a newsletter stands": page(
        "<style>@media (max-width:600px){.wide{display:none!important}}</style><p>Thanks.</p><blockquote>"
        '<div style="display:none;font-size:1px;color:#fff;opacity:0">Your offers of 3 March are here</div>'
        '<table width="600"><tr><td class="wide">From £12.99</td><td style="color:#ffffff">Shop now</td></tr>'
        '<tr><td>Fun day</td><td>3 May</td></tr></table><img src="//news.example/o" width="1" height="1">'
    ),
    "a reply of a desktop program": page(
        '<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]-->'
        "<style><!--\np.MsoNormal {margin:0cm;font-size:11.0pt;}\n--></style><p class=MsoNormal>See you at 2 "
        '<span style="font-family:Wingdings">J</span><o:p></o:p></p>'
    ),
    "a list and a date in a language from right to left": page(
        '<ol><li>Tea<li>Stamps 12</ol><div dir="rtl">السلام عليكم، الزيارة يوم 15 مارس 2026</div>'
    ),
    "what programs write for each other": (
        "Date: Mon, 1 Jun 2026 09:00:00 +0000\n"
        "Return-Path: <bounce+a1b2c3=mum=example.org@mail.prison.example>\n"
        "Received: from app-7.prison.example ([192.0.2.7]) by mx.prison.example with ESMTPS id 4Fz0g21Xq3;"
        " Mon, 01 Jun 2026 09:00:00 +0000 (UTC)\nX-Mailer: Reply Service 4.12.1 (build 20260301)\n"
        'Content-Type: multipart/alternative; boundary="----=_Part_184467_1073709551.1780304400123"\n'
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=prison.example; s=s1; t=1780304400;"
        " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=hDqLTFo9Z0m3xS8r1pYw5K2n7Qv4c6B\n",
        "------=_Part_184467_1073709551.1780304400123\n\nHello.\n"
        "------=_Part_184467_1073709551.1780304400123--\n",
    ),
    "attached text and a date": parts(
        part("text/plain"),
        part("text/csv", "tea,1.20", "Content-Disposition: attachment; filename=canteen.csv\n"),
        part("text/calendar", "BEGIN:VCALENDAR\nDTSTART:20260315T140000Z\nSUMMARY:Visit\nEND:VCALENDAR"),
    ),
}


@pytest.mark.parametrize("what", INNOCENT)
def test_an_ordinary_reply_is_delivered(what: str) -> None:
    assert decided(*INNOCENT[what]).decision == "allow"


def test_a_logo_in_a_signature_is_held_with_its_reason() -> None:
    logo = part("image/png", PICTURE, "Content-ID: <logo>\nContent-Transfer-Encoding: base64\n")
    (reason,) = decided(*parts(part("text/html", '<img src="cid:logo">'), logo, kind="related")).reasons
    assert (reason.code.value, reason.steps) == ("DOUBTFUL_READING", ("a picture",))
