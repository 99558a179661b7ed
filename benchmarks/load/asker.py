"""A switch that asks one node all the time, and remembers every word."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

PRISONER = "A1234BC"
EVERY = 0.05
PATIENCE = 5.0
"""Seconds: what a switch waits at the most."""
FREE = tuple(f"020 7946 0{n:03}" for n in range(1, 40))
"""Numbers that nobody restricts."""


@dataclass
class Heard:
    """What it was told, and what was wrong with that."""

    told: dict[str, str] = field(default_factory=dict)
    """The decision of each attempt that was answered."""
    asked: dict[str, str] = field(default_factory=dict)
    """The number of each attempt, answered or not."""
    wrong: list[str] = field(default_factory=list)
    unanswered: Counter[str] = field(default_factory=Counter)
    """Times that nothing was answered while nothing was expected, by why."""
    slowest: float = 0.0
    ages: list[int] = field(default_factory=list)


class Asker(threading.Thread):
    """Asks a restricted number and a free one in turn. What was not answered is asked again."""

    def __init__(self, name: str, url: Callable[[], str], key: str) -> None:
        """`url` says where the node is now."""
        super().__init__(name=f"switch {name}", daemon=True)
        self._node, self._url, self._key = name, url, key
        self._ends = threading.Event()
        self._again: list[str] = []
        self.restricted: list[str] = []
        self.is_excused = False
        """Whether it may get no answer now: its node was killed, or cannot write."""
        self.heard = Heard()

    def end(self) -> None:
        """Stop asking."""
        self._ends.set()
        self.join()

    def run(self) -> None:
        """Ask."""
        with httpx.Client(timeout=PATIENCE, headers={"authorization": f"Bearer {self._key}"}) as client:
            turn = 0
            while not self._ends.is_set():
                name = self._again.pop(0) if self._again else self._next(turn)
                turn += 1
                self._ask(client, name)
                self._ends.wait(EVERY)
            while self._again:  # the last ones, once everything is well again
                self._ask(client, self._again.pop(0))

    def _next(self, turn: int) -> str:
        name = f"{self._node}-{turn}"
        numbers = self.restricted if turn % 2 == 0 else FREE
        self.heard.asked[name] = numbers[turn // 2 % len(numbers)]
        return name

    def _ask(self, client: httpx.Client, name: str) -> None:
        heard, to = self.heard, self.heard.asked[name]
        may_fail, began = self.is_excused, time.monotonic()
        try:
            said = client.post(
                self._url() + "/v1/check/call",
                json={"id": name, "prisoner": PRISONER, "to": to, "establishment": "LEI"},
            )
            why = None if said.status_code == 200 else str(said.status_code)
        except httpx.HTTPError as error:
            why = type(error).__name__
        if why is not None:
            self._again.append(name)
            if not (may_fail or self.is_excused):
                heard.unanswered[why] += 1
            return
        heard.slowest = max(heard.slowest, time.monotonic() - began)
        decision = str(said.json()["decision"])
        heard.ages.append(int(said.headers.get("x-blocklist-age", -1)))
        if heard.told.setdefault(name, decision) != decision:
            heard.wrong.append(f"{name}: {heard.told[name]}, then {decision}")
        wanted = "allow" if to in FREE else "block"
        if decision != wanted:
            heard.wrong.append(f"{name}: {decision} where {wanted} is right")
