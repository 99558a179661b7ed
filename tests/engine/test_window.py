"""The last messages of each prisoner to each recipient, in bounded memory."""

from __future__ import annotations

import pytest

from engine import window
from engine.model import Attempt, Decision
from engine.window import MessageWindow

ALLOWED = Decision(
    id="M", decision="allow", action="deliver", confidential=False, blocklist="sha256:0", reasons=()
)
CONFIDENTIAL = Decision(
    id="M", decision="allow", action="deliver", confidential=True, blocklist="sha256:0", reasons=()
)


def message(body: str | None, to: str = "07700 900777", prisoner: str = "A1234BC") -> Attempt:
    return Attempt(id="M", channel="message", prisoner=prisoner, to=to, body=body)


def test_what_went_before_to_the_same_recipient_is_told_oldest_first() -> None:
    memory = MessageWindow()
    for n in range(3):
        memory.remember(message(str(n)), n, ALLOWED)
    assert memory.before(message("3"), 3) == ("0", "1", "2")
    assert memory.before(message("3", to="+44 7700 900777"), 3) == ("0", "1", "2")


def test_another_recipient_and_another_prisoner_have_nothing_before_them() -> None:
    memory = MessageWindow()
    memory.remember(message("0"), 0, ALLOWED)
    assert memory.before(message("1", to="07700 900778"), 1) == ()
    assert memory.before(message("1", prisoner="B2345CD"), 1) == ()


def test_a_message_asked_again_is_no_second_message() -> None:
    memory = MessageWindow()
    for key, body in [(1, "1"), (1, "1"), (2, "2"), (3, "3")]:
        memory.remember(message(body), key, ALLOWED)
    assert memory.before(message("new"), "new") == ("1", "2", "3")
    assert memory.before(message("3"), 3) == ("1", "2")


def test_a_confidential_message_is_not_remembered() -> None:
    memory = MessageWindow()
    memory.remember(message("to my solicitor: 077009"), 1, CONFIDENTIAL)
    assert memory.before(message("00123"), 2) == ()
    assert len(memory) == 0


def test_calls_letters_and_empty_messages_are_not_remembered() -> None:
    memory = MessageWindow()
    memory.remember(message(""), 1, ALLOWED)
    memory.remember(message(None), 2, ALLOWED)
    memory.remember(Attempt(id="L", channel="letter", to="07700 900777", body="077009"), 3, ALLOWED)
    assert len(memory) == 0
    memory.remember(message("077009"), 4, ALLOWED)
    assert memory.before(Attempt(id="C", channel="call", prisoner="A1234BC", to="07700 900777"), 5) == ()


def test_the_end_of_a_long_message_is_kept() -> None:
    memory = MessageWindow()
    memory.remember(message("x" * 5_000 + "077009"), 1, ALLOWED)
    (kept,) = memory.before(message("00123"), 2)
    assert len(kept) == window.LONGEST_REMEMBERED
    assert kept.endswith("077009")


def test_the_window_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "RECIPIENTS_REMEMBERED", 3)
    memory = MessageWindow()
    for n in range(10):
        for part in range(9):
            memory.remember(message(str(part), to=f"a{n}@example.org"), part, ALLOWED)
    assert memory.before(message("new", to="a9@example.org"), "new") == ("4", "5", "6", "7", "8")
    assert len(memory) == 3


def test_who_was_silent_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "RECIPIENTS_REMEMBERED", 2)
    memory = MessageWindow()
    for key, to in enumerate(["a@example.org", "b@example.org", "a@example.org", "c@example.org"]):
        memory.remember(message(str(key), to=to), key, ALLOWED)
    assert memory.before(message("new", to="a@example.org"), "new") == ("0", "2")
    assert memory.before(message("new", to="b@example.org"), "new") == ()


def test_only_a_message_has_messages_before_it() -> None:
    memory = MessageWindow()
    memory.remember(message("077009"), 1, ALLOWED)
    asked = Attempt(id="C", channel="call", prisoner="A1234BC", to="07700 900777", body="00123")
    assert memory.before(asked, 2) == ()
    assert memory.before(message(None), 2) == ()
    assert memory.before(message("00123"), 2) == ("077009",)


def test_an_account_is_one_recipient_however_it_is_written() -> None:
    memory = MessageWindow()
    memory.remember(message("077009", to="mailto:sally@example.org"), 1, ALLOWED)
    assert memory.before(message("00123", to="sally@example.org"), 2) == ("077009",)


def test_a_local_number_and_the_whole_one_are_one_recipient_at_a_prison() -> None:
    memory = MessageWindow()
    here = {"id": "M", "channel": "message", "prisoner": "A1234BC", "establishment": "LEI"}
    memory.remember(Attempt(**here, to="4960111", body="077009"), 1, ALLOWED)  # type: ignore[arg-type]
    whole = Attempt(**here, to="0113 496 0111", body="00123")  # type: ignore[arg-type]
    assert memory.before(whole, 2) == ("077009",)
