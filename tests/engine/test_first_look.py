"""What a first look says of a text leaves nothing out: readers that do not ask it find the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.read_attempt
from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact, Decision, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from matchers import content, email_handle
from matchers.address import mentioned
from matchers.look import Look
from matchers.person import Naming

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HERS = Restriction(
    id="R1",
    prisoner="A1234BC",
    protected=ProtectedPerson(name="Sarah Jane Larkmead", aliases=("Sazza Tolle",)),
    contacts=(
        Contact(kind="phone", value="07700 900123"),
        Contact(kind="phone", value="0113 496 0123"),
        Contact(kind="address", value="121b Larkmead Street, Leeds LS1 4AB"),
        Contact(kind="address", value="Flat 12, Alder House, 8 Mill Lane, Leeds LS1 4AC"),
        Contact(kind="email", value="sal.lark92@mail.example"),
        Contact(kind="handle", value="@sally_j92"),
        Contact(kind="handle", value="@92lark.mead"),
    ),
)
SCREENER = Screener(compile_blocklist([HERS]), read_policy())
PARTS = (
    "sarah Sarah saraah sarrrah hara haras sazza sally jane larkmead Larkmead lark mead tolle mrs ms s j"
    " sal sal.lark92 sally_j92 sally j92 j 92 @ at dot mail example underscore insta snap x tt face book"
    " 121b 121 i2i one hundred and twenty-one twenty 1 2 12 l2 flat alder house mill lane street st ls1 4ab"
    " LS1 4AC 07700 900123 900 123 O77OO 0113 4960123 4960 123 oh double seven nought nine won too free"
    " 7x2 0 twice"
    " tell her him mum my ex love from the miss don't see you"
).split()
BETWEEN = (
    " ",
    " ",
    " ",
    " ",
    "",
    ".",
    ". ",
    ", ",
    "-",
    "_",
    "!",
    "! ",
    "'",
    "’",
    '"',
    " (",
    ") ",
    "/",
    "é",
    "\n",
    "·",
)


class Unasked(Look):
    """A look that rules nothing out."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.plain_words = False
        self.odd_signs = b"@(-_[{<*"
        self.names_a_platform = True


def every_form(reading: content._Reading, naming: Naming) -> frozenset[str]:
    """All forms of the person's names, whether they stand in the text or not."""
    forms = {*naming.words, *naming.families, *(first for first, _ in naming.given)}
    forms.update(first[::-1] for first, _ in naming.given)
    forms.update(name for wholes in naming.wholes.values() for name in wholes)
    return frozenset(
        form for form in forms if form in (reading.joined if len(form) > 1 else reading.said.words)
    )


@contextmanager
def nothing_ruled_out() -> Iterator[None]:
    """Every reader reads the text whatever the first look says of it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine.read_attempt, "Look", Unasked)
        patched.setattr(content._Reading, "holding", every_form)
        patched.setattr(mentioned, "_may_hold", lambda doors, words: True)
        patched.setattr(email_handle, "_may_begin", lambda form, words: True)
        yield


def check(body: str) -> Decision:
    attempt = Attempt(id="A1", channel="message", prisoner="A1234BC", to="07700 900999", body=body)
    return SCREENER.check(attempt, NOW)


texts = st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(BETWEEN)), max_size=24).map(
    lambda parts: "".join(part + between for part, between in parts)
)


@settings(max_examples=300)
@given(texts)
def test_a_text_of_her_parts_is_answered_as_without_the_look(body: str) -> None:
    asked = check(body)
    with nothing_ruled_out():
        assert check(body) == asked


@given(st.text(max_size=80))
def test_any_text_is_answered_as_without_the_look(body: str) -> None:
    asked = check(body)
    with nothing_ruled_out():
        assert check(body) == asked


@pytest.mark.parametrize(
    ("body", "stopped"),
    [
        ("tell sarah i love her", True),
        ("she is at one hundred and twenty one larkmead street", True),
        ("s a l l y j 92 on there", True),
        ("see you on sunday mate", False),
    ],
)
def test_both_ways_of_asking_tell_her_from_others(body: str, stopped: bool) -> None:
    with nothing_ruled_out():
        without = check(body)
    assert (without.decision != "allow") == stopped == (check(body).decision != "allow")
