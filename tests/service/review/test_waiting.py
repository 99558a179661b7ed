"""What is held for too long is an alarm: in the metrics, in the health, and above its reviewers' queue."""

from __future__ import annotations

from datetime import timedelta

from service.access.model import Role
from service.console import queue
from service.review.model import Outcome
from tests.service.console.conftest import Console
from tests.service.review.test_settled import MESSAGE, decide


def alarms(console: Console) -> tuple[list[str], str]:
    """The warnings of the health, and the line of the metrics."""
    console.system.waiting.look()
    monitor = console.visitor(Role.MONITOR, name="monitor").client
    warnings = console.stranger().get("/health/ready").json()["warnings"]
    lines = monitor.get("/metrics").text.splitlines()
    late = [line for line in lines if line.startswith("nocontact_held_late{")]
    return [one for one in warnings if "for too long" in one], " ".join(late)


def test_what_nobody_decides_becomes_an_alarm_and_ends_with_the_decision(console: Console) -> None:
    queue._counted.clear()  # counts are kept for two seconds, and the last test had others
    console.restrict()
    seq = console.flag("M1", **MESSAGE)
    assert alarms(console) == ([], 'nocontact_held_late{channel="message"} 0.0')
    ann = console.visitor(Role.REVIEWER, name="ann", prisons=("LEI",))
    assert "nobody has decided" not in ann.get("/queue").text
    console.clock.ahead += timedelta(hours=console.system.settings.held_hours, minutes=1)
    warned = "held for too long, and nobody has decided: message 1"
    assert alarms(console) == ([warned], 'nocontact_held_late{channel="message"} 1.0')
    queue._counted.clear()
    ann = console.visitor(Role.REVIEWER, name="ann", prisons=("LEI",))
    ben = console.visitor(Role.REVIEWER, name="ben", prisons=("MDI",))
    assert "Held for longer than 48 hours, and nobody has decided: 1" in ann.get("/queue").text
    assert "nobody has decided" not in ben.get("/queue").text
    decide(console, seq, Outcome.UPHOLD)
    assert alarms(console) == ([], "")
