"""What stands in the words of an e-mail in code is read where it is text; what nobody sees is a doubt."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode

import pytest

from adapters.messaging.pages import ReplyDoubt
from adapters.messaging.replies import read_email

HEAD = "Message-ID: <1@prison.example>\nFrom: X1234BC@prison.example\nTo: mum@example.org\n"
NUMBER = "07700900123"


def of(text: str, header: str = "") -> tuple[str, tuple[str, ...]]:
    said = f"{HEAD}{header}Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    (attempt,) = read_email(said.encode()).attempts
    return attempt.body or "", attempt.doubts


@pytest.mark.parametrize(
    "word",
    [
        b64encode(NUMBER.encode()).decode(),
        b64encode(f"her number is {NUMBER} call her".encode()).decode(),
        urlsafe_b64encode(f"ring her? {NUMBER} >>>???".encode()).decode().rstrip("="),
        f"=?utf-8?b?{b64encode(NUMBER.encode()).decode()}?=",
        NUMBER.encode().hex(),
        NUMBER.encode().hex(" "),
        "".join(f"={ord(digit):02X}" for digit in NUMBER),
        "".join(f"\\x{ord(digit):02x}" for digit in NUMBER),
    ],
)
def test_a_word_in_code_is_read_wherever_it_stands(word: str) -> None:
    assert NUMBER not in word
    assert NUMBER in of(f"decode this {word} ok")[0]
    assert NUMBER in of("Hello.", f"X-Code: {word}\n")[0]


def test_a_date_that_cannot_be_is_read() -> None:
    assert "7009 00:12" in of("Hello.", "Date: Sat, 07 Nov 7009 00:12:30 +0000\n")[0]
    assert "Nov" not in of("Hello.", "Date: Sat, 07 Nov 2026 00:12:30 +0000\n")[0]


@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        ("hi " + "".join("\u200b\u200c"[int(bit)] for bit in f"{7700900123:b}"), (ReplyDoubt.CODED,)),
        ("hi \U0001f600" + "".join(chr(0xFE00 + int(digit)) for digit in NUMBER), (ReplyDoubt.CODED,)),
        ("Your order" + "\u200c\u034f\u00ad" * 40, ()),
        ("Hello" + "\u200b" * 60, ()),
        ("family \U0001f468\u200d\U0001f469\u200d\U0001f467 and \u2764\ufe0f\u200d\U0001f525", ()),
    ],
)
def test_unseen_signs_that_may_say_something_are_a_doubt_and_padding_is_none(
    text: str, doubts: tuple[str, ...]
) -> None:
    assert of(text)[1] == doubts


def test_ids_are_no_code() -> None:
    ids = "CAF3kPq9xZ0aB+Tg==, 9f86d081884c7d659a2feaa0c55ad015, AAAAAAAAAAAAAAAAAAAAAA, 31-45-2209876543211"
    assert of(f"Reference {ids}")[1] == ()
