"""One thing is done again and again, also after it failed, until it is stopped."""

from __future__ import annotations

import threading

from service.operations.repeating import Repeating

PATIENCE = 30


def test_it_goes_on_after_an_error_and_tells_it_until_it_works_again() -> None:
    reached = threading.Event()
    seen: list[str | None] = []

    def step() -> int:
        seen.append(again.failure)
        if len(seen) == 1:
            raise ValueError("07700 900123")
        if len(seen) == 3:
            reached.set()
        return 0

    again = Repeating("a test's", step, every=0.01)
    again.start()
    assert reached.wait(PATIENCE)
    again.stop()
    assert seen[:3] == [None, "ValueError", None]
    reached.clear()
    seen.clear()
    seen.append(None)  # no error to be made a second time
    again.start()
    assert reached.wait(PATIENCE)
    again.stop()


def test_stopping_what_was_never_started_is_nothing() -> None:
    Repeating("a test's", lambda: 0, every=1).stop()
