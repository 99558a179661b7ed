"""A switch, a gate of texts and a mailroom that ask one node all the time, and remember every word."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

PRISONER = "A1234BC"
EVERY = 0.05
PATIENCE = 5.0
"""Seconds: what a switch waits at the most."""
FREE = tuple(f"020 7946 0{n:03}" for n in range(1, 40))
"""Numbers that nobody restricts."""
HERS = "14 Larkmead Street, Ambermouth, LS1 4AB"
"""The address that is restricted from the beginning."""
HOMES = tuple(f"{n} Ryecroft Avenue, Barrowhythe, M4 9BB" for n in range(1, 40))
"""Addresses that nobody restricts."""
SAYS = "See you on Saturday, give the children my love."
CHANNELS = ("call", "message", "letter")


class Question(NamedTuple):
    """What is asked, and the one right answer."""

    channel: str
    to: str
    wanted: str
    body: str | None = None

    def sent(self, name: str) -> dict[str, Any]:
        """As it goes to a node."""
        told = {"id": name, "prisoner": PRISONER, "to": self.to, "establishment": "LEI"}
        return told if self.body is None else {**told, "body": self.body}


def question(turn: int, restricted: list[str]) -> Question:
    """Of one turn: what has to be stopped and what has to be let through, in every channel, one by one."""
    channel, turn = CHANNELS[turn % 3], turn // 3
    stops, place = turn % 2 == 0, turn // 2
    wanted = "block" if stops else "allow"
    if channel == "letter":
        return Question(
            channel, "Maren Thistlewood\n" + (HERS if stops else HOMES[place % len(HOMES)]), wanted
        )
    to = restricted[place % len(restricted)] if stops else FREE[place % len(FREE)]
    return Question(channel, to, wanted, SAYS if channel == "message" else None)


@dataclass
class Heard:
    """What it was told, and what was wrong with that."""

    told: dict[str, str] = field(default_factory=dict)
    """The decision of each attempt that was answered."""
    asked: dict[str, Question] = field(default_factory=dict)
    """Each attempt, answered or not."""
    wrong: list[str] = field(default_factory=list)
    unanswered: Counter[str] = field(default_factory=Counter)
    """Times that nothing was answered while nothing was expected, by why."""
    slowest: float = 0.0
    ages: list[int] = field(default_factory=list)


class Asker(threading.Thread):
    """Asks about what is restricted and what is free in turn. What was not answered is asked again."""

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
        self.heard.asked[name] = question(turn, self.restricted)
        return name

    def _ask(self, client: httpx.Client, name: str) -> None:
        heard, asked = self.heard, self.heard.asked[name]
        may_fail, began = self.is_excused, time.monotonic()
        try:
            said = client.post(f"{self._url()}/v1/check/{asked.channel}", json=asked.sent(name))
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
        if decision != asked.wanted:
            heard.wrong.append(f"{name}, a {asked.channel}: {decision} where {asked.wanted} is right")
