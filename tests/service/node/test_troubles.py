"""A node that answers nobody says so, though it follows the list as ever."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from service.feed.messages import TROUBLES
from service.node.troubles import LASTING, NodeTroubles


@dataclass
class Parts:
    """Of a node in good health: its ledger's writer, its list and what is tried, in one."""

    failure: str | None = None
    checkpoint_failure: str | None = None
    waiting: int = 0
    oldest_wait_seconds: float = 0.0
    not_kept: str | None = None
    now: float = 1_000.0


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("failure", "OSError: no space", "ledger"),
        ("waiting", 100, "ledger"),
        ("oldest_wait_seconds", 2.0, "ledger"),
        ("not_kept", "OSError: no space", "list"),
    ],
)
def test_what_lets_a_check_go_unanswered_is_told_at_once_and_until_it_is_over(
    name: str, value: object, code: str
) -> None:
    parts = Parts()
    troubles = NodeTroubles(parts, parts, Parts(), {}, most_waiting=100)
    assert troubles() == ()
    well = getattr(parts, name)
    setattr(parts, name, value)
    assert troubles() == (code,)
    setattr(parts, name, well)
    assert troubles() == ()


def test_readers_that_cannot_be_begun_are_told() -> None:
    readers = Parts(failure="OSError")
    assert NodeTroubles(Parts(), Parts(), readers, {}, most_waiting=100)() == ("readers",)


def test_what_is_tried_again_is_told_when_it_lasts() -> None:
    parts, forwarding = Parts(), Parts()
    tried = {"centre": forwarding, "settled": Parts()}
    troubles = NodeTroubles(parts, parts, Parts(), tried, most_waiting=100, monotonic=lambda: parts.now)
    forwarding.failure, parts.checkpoint_failure = "ConnectError", "heads: OSError"
    assert troubles() == ()
    parts.now += LASTING - 1
    assert troubles() == ()
    parts.now += 1
    assert troubles() == ("centre", "checkpoints")
    forwarding.failure = None
    assert troubles() == ("checkpoints",)
    forwarding.failure = "ConnectError"
    assert troubles() == ("checkpoints",), "it failed once again"
    assert {"ledger", "list", "readers", "centre", "checkpoints"} <= TROUBLES.keys()
