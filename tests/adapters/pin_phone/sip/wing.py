"""A switch between phones and a carrier that are written by hand."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.phone.scenarios import CARRIER
from benchmarks.phone.switch import Extension, Switch, switch_in
from tests.adapters.pin_phone.sip.exchange import EXTENSIONS, FREE, NAMED, RESTRICTED, answer_of, stand_in
from tests.adapters.pin_phone.sip.wire import Call, Carrier, Phone, carrier_by_hand

NEXT = "02079460019"
"""Another number that may ring."""


class Wing(NamedTuple):
    """A switch, its carrier, and what it asked."""

    switch: Switch
    carrier: Carrier
    asked: list[dict[str, str]]

    def phone(self, extension: Extension = NAMED) -> Phone:
        return Phone(("127.0.0.1", self.switch.port), extension)

    def call(self, extension: Extension = NAMED, uri: str = f"sip:{FREE}@wing.example", **parts: Any) -> Call:
        """A call that is up, on both sides."""
        call = self.phone(extension).dial(uri, **parts)
        while self.carrier.last("INVITE", "ACK").method != "ACK":
            time.sleep(0.01)
        return call

    def rings(self, number: str) -> str:
        return f"sip:{number}@{CARRIER}:{self.carrier.port}"


@contextmanager
def wing_in(folder: Path) -> Iterator[Wing]:
    """A service that refuses whatever holds the restricted number, and lets all else ring."""

    def answer(body: dict[str, str]) -> tuple[int, bytes]:
        if "to" not in body:
            return 422, b"{}"
        holds = RESTRICTED[1:] in re.sub(r"\D", "", body["to"])
        return 200, answer_of(body, action="refuse" if holds else "connect")

    with (
        stand_in(answer) as (url, asked),
        carrier_by_hand() as carrier,
        switch_in(
            folder / "switch", url, "a-key", EXTENSIONS, carrier.port, choices={"NC_TIMEOUT": "3000"}
        ) as switch,
    ):
        yield Wing(switch, carrier, asked)
