"""What prisoners try in a message: each trick is held back, and ordinary messages are delivered."""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact, Decision, ProtectedPerson, ReasonCode, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from tests.repeating import times

sys.path.insert(0, str(Path(__file__).parents[2]))
from adapters.canaries.disguises import Disguise, ways_of_writing
from benchmarks.calls_and_texts import UNRELATED, any_numbers, unrelated_text

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HIS, ANOTHER = "A1234BC", "B2345CD"
RESTRICTED = ("07700900123", "01134960123", "02079460123", "01632960555")
MOBILE = RESTRICTED[0]
SOMEBODY = "07700 900999"


def restriction(number: str, name: str = "Rhoswen Tallantyre", prisoner: str = HIS) -> Restriction:
    return Restriction(
        id=f"R-{number}",
        prisoner=prisoner,
        protected=ProtectedPerson(name=name, aliases=("Wennie",) if name == "Rhoswen Tallantyre" else ()),
        contacts=(Contact(kind="phone", value=number), Contact(kind="handle", value="@wenniet")),
    )


SCREENER = Screener(compile_blocklist(map(restriction, RESTRICTED)), read_policy())


def message(body: str, *earlier: str, prisoner: str = ANOTHER, to: str = SOMEBODY) -> Decision:
    attempt = Attempt(id="M1", channel="message", prisoner=prisoner, establishment="LEI", to=to, body=body)
    return SCREENER.check(attempt, NOW, earlier)


def codes(decision: Decision) -> set[ReasonCode]:
    return {reason.code for reason in decision.reasons}


def assert_held(decision: Decision, number: str) -> None:
    assert (decision.decision, decision.action) == ("flag", "hold"), decision.reasons
    assert f"R-{number}" in {reason.restriction for reason in decision.reasons}
    assert codes(decision) <= {ReasonCode.HIDDEN_NUMBER, ReasonCode.RESTRICTED_CONTENT}


def assert_delivered(decision: Decision) -> None:
    assert (decision.decision, decision.action, decision.reasons) == ("allow", "deliver", ())


# ── every way of writing ────────────────────────────────────────────────────────────────────────────────

EVERY_WAY = pytest.mark.parametrize("way", ways_of_writing(), ids=lambda way: f"{way.kind}: {way.template!r}")


def test_there_are_many_ways_of_writing() -> None:
    assert len(ways_of_writing()) >= 80
    assert len({(way.template, way.earlier) for way in ways_of_writing()}) == len(ways_of_writing())


@EVERY_WAY
def test_a_restricted_number_is_found_however_it_is_written(way: Disguise) -> None:
    for number in RESTRICTED:
        body, earlier = way.apply(number)
        assert_held(message(body, *earlier), number)


@EVERY_WAY
def test_anybody_elses_number_is_delivered_one_digit_away_included(way: Disguise) -> None:
    for number in RESTRICTED:
        for at in (4, 7, 8, 9, 10):
            other = number[:at] + str((int(number[at]) + 5) % 10) + number[at + 1 :]
            body, earlier = way.apply(other)
            assert_delivered(message(body, *earlier))


@pytest.mark.parametrize("kind", UNRELATED)
def test_messages_full_of_other_digits_are_delivered(kind: str) -> None:
    chance = random.Random(kind)
    before: list[str] = []
    for number in any_numbers(chance, times(250)):
        body = unrelated_text(kind, chance, lambda number=number: number)  # type: ignore[misc]
        assert_delivered(message(body, *before[-2:], prisoner=HIS))
        before.append(body)


# ── tricks 1, 2, 4, 9: the recipient of a message is a number like any other ────────────────────────────


@pytest.mark.parametrize(
    "to",
    [
        "07700900123",
        "+44 7700 900123",
        "0044 7700 900123",
        "+44 (0)7700 900123",
        "tel:+447700900123",
        "7700900123",
    ],
)
def test_trick_01_a_message_to_any_form_of_the_number_is_stopped(to: str) -> None:
    decision = message("hello", to=to)
    assert (decision.decision, decision.action) == ("block", "stop")


@pytest.mark.parametrize(
    "to", ["14107700900123", "1470 07700 900123", "18002 07700 900123", "07700900123,1", "07700900123;ext=2"]
)
def test_trick_02_and_04_codes_and_tails_of_a_messages_recipient_change_nothing(to: str) -> None:
    assert message("hello", to=to).decision == "block"


@pytest.mark.parametrize("prisoner", [HIS, ANOTHER, "C3456DE", "D4567EF", "E5678FG"])
def test_trick_09_the_number_is_found_in_any_prisoners_message(prisoner: str) -> None:
    assert_held(message("ring 07700 900123", prisoner=prisoner), MOBILE)


@pytest.mark.parametrize("to", ["07700 900124", "+44 1632 960123", "07700900321"])
def test_trick_01_a_message_to_another_number_is_delivered(to: str) -> None:
    assert_delivered(message("hello", to=to))


@pytest.mark.parametrize(
    "body", ["ring 496 0123", "its 4960123 now", "4960-123", "call 496 01 23", "on 79460123"]
)
def test_trick_03_the_local_part_of_his_own_restriction_is_held(body: str) -> None:
    decision = message(body, prisoner=HIS)
    assert (decision.decision, codes(decision)) == ("flag", {ReasonCode.HIDDEN_NUMBER})


@pytest.mark.parametrize("body", ["ring 496 0123", "its 4960123 now", "on 79460123"])
def test_trick_03_the_local_part_of_anothers_restriction_is_delivered(body: str) -> None:
    assert_delivered(message(body, prisoner=ANOTHER))


# ── trick 11: words, other digits, look-alikes ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        "ring oh seven seven double oh nine double oh one two three",
        "nought seven seven nought nought nine nought nought one two three",
        "zero-seven-seven-zero-zero-nine-zero-zero-one-two-three",
        "Oh Seventy Seven Double Oh Nine Hundred One Two Three",
        "dim saith saith dim dim naw dim dim un dau tri",
        "0 seven 7 oh 0 nine 0 zero 1 two 3",
        "٠٧٧٠٠٩٠٠١٢٣",
        "⓪⑦⑦⓪⓪⑨⓪⓪①②③",
        "07700\u200b900\u2060123",
        "O77OO 9OOl23",
        "0.7.7.0.0.9.0.0.1.2.3",
        "0-7-7-0-0 9-0-0 1-2-3",
    ],
)
def test_trick_11_a_number_in_words_or_other_signs_is_held(body: str) -> None:
    assert_held(message(body), MOBILE)


@pytest.mark.parametrize(
    "body",
    [
        "ring oh seven seven double oh nine double oh one two four",
        "dim saith saith dim dim naw dim dim un dau pedwar",
        "oh seven of us went, double trouble, nine of them and one two three go",
        "O77OO 9OOl24",
        "one two three four five six seven eight nine ten",
        "Oh no. Seven? Not one of them said nine.",
    ],
)
def test_trick_11_other_words_and_numbers_are_delivered(body: str) -> None:
    assert_delivered(message(body))


# ── trick 12: split up ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        "07700\n900\n123",
        "start 07700 then 900 and last 123",
        "0770 love you 0900 miss you 123",
        "07700. I saw gav at the gym and he is out on friday. 900123",
        "0\n7\n7\n0\n0\n9\n0\n0\n1\n2\n3",
        "07700 im 25 now 900123",
        "oh double seven love oh oh nine you oh oh one two three",
    ],
)
def test_trick_12_a_number_split_within_a_message_is_held(body: str) -> None:
    assert_held(message(body), MOBILE)


@pytest.mark.parametrize(
    "messages",
    [
        ("07700", "900123"),
        ("07700", "900", "123"),
        ("077 love", "00900 you", "123 bye"),
        ("07700", "how are you", "900123"),
        ("oh seven seven oh oh", "nine oh oh one two three"),
        ("0770", "0900", "and 123"),
    ],
)
def test_trick_12_a_number_split_over_messages_is_held_when_it_is_whole(messages: tuple[str, ...]) -> None:
    for n, body in enumerate(messages[:-1]):
        assert_delivered(message(body, *messages[:n]))
    assert_held(message(messages[-1], *messages[:-1]), MOBILE)


@pytest.mark.parametrize(
    "messages",
    [
        ("07700", "900124"),
        ("900124", "07700"),
        ("07700", "ok", "see you at 9"),
        ("the bus is at 07:00", "cell 9, wing 0", "123 days left"),
        ("07700 900123", "did you ring?"),
    ],
)
def test_trick_12_other_digits_in_a_row_of_messages_are_delivered(messages: tuple[str, ...]) -> None:
    assert_delivered(message(messages[-1], *messages[:-1]))


# ── trick 13: turned round, moved ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "step"),
    [
        ("32100900770", "digits reversed"),
        ("backwards 321 009 00770 babe", "digits reversed"),
        ("3 2 1 0 0 9 0 0 7 7 0", "digits reversed"),
        ("18811011234", "each digit moved by"),
        ("take one off: 18811 011 234", "each digit moved by"),
        ("96699899012", "each digit moved by"),
        ("add one to 9 6 6 9 9 8 9 9 0 1 2", "each digit moved by"),
        ("three two one oh oh nine oh oh seven seven oh", "digits reversed"),
    ],
)
def test_trick_13_a_number_turned_round_or_moved_is_held_and_told(body: str, step: str) -> None:
    decision = message(body)
    assert_held(decision, MOBILE)
    assert any(step in taken for reason in decision.reasons for taken in reason.steps)


@pytest.mark.parametrize(
    "body", ["42100900770", "18811011235", "backwards 321 009 00771", "96699899013", "10987654321"]
)
def test_trick_13_other_numbers_turned_round_or_moved_are_delivered(body: str) -> None:
    assert_delivered(message(body))


# ── trick 14: pass it on ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        "tell Rhoswen I still love her",
        "Tell Wennie to write",
        "pass this on to rhoswen tallantyre",
        "ask our Wennie about the dog",
        "you see Rhoswen at work dont you, tell her sorry from me",
        "give my love to WENNIE",
        "write to Ms Tallantyre for me",
        "dweud wrth Rhoswen mod i'n iawn",
        "let Rhoswen know i am out in may",
        "message @wenniet for me",
    ],
)
def test_trick_14_a_request_to_pass_something_on_to_her_is_held(body: str) -> None:
    decision = message(body, prisoner=HIS)
    assert (decision.decision, decision.action) == ("flag", "hold")
    assert ReasonCode.RELAY_REQUEST in codes(decision)


@pytest.mark.parametrize(
    "body",
    [
        "tell Ruth I still love her",
        "tell her sorry from me",
        "pass this on to mum",
        "a Rhoswen came to the visit hall",
        "ask the tall man for tyres",
        "storyteller rhoswenish",
    ],
)
def test_trick_14_other_requests_and_a_bare_first_name_are_delivered(body: str) -> None:
    assert_delivered(message(body, prisoner=HIS))


@pytest.mark.parametrize(
    "body", ["tell Rhoswen I still love her", "pass this on to rhoswen tallantyre", "Tell Wennie to write"]
)
def test_trick_14_the_same_name_means_nothing_in_a_strangers_message(body: str) -> None:
    assert_delivered(message(body, prisoner=ANOTHER))


def test_trick_14_her_full_name_alone_is_content_to_look_at() -> None:
    decision = message("Rhoswen Tallantyre was on the news", prisoner=HIS)
    assert (decision.decision, codes(decision)) == ("flag", {ReasonCode.RESTRICTED_CONTENT})
