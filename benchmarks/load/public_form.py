"""Ten thousand requests in an hour: people at the public form, and the service that makes cases of them.

    make form-bench

A real `nocontact public` with the settings it has by itself, and a real service that takes in what it seals.
2.8 people begin each second, every one with an address of his own, and go through every page of the form.
An hour of it is ten thousand; here it is some minutes at that rate. Then what floods it is tried: one address
that is too quick, everybody together, ten thousand forms that are begun and not sent, a full intake.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import html
import itertools
import os
import re
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.load.serving import NOCONTACT, Serving, environment, processor, run, serving
from service.public.settings import PublicSettings
from tests.service.public.visiting import SELF

AN_HOUR = 10_000
PAUSE = 0.4
"""Seconds between two pages: a form that is through within five seconds is a robot's."""
LATE = 60.0
"""Seconds in which what was sent last has to be a case."""
CARRIED = re.compile(r'<input type="hidden" name="(answers|ticket|at)" value="([^"]*)">')
TELEPHONE = "0113 496 0199"


@dataclass
class Seen:
    """What the people at the form were answered."""

    times: list[float] = field(default_factory=list)
    """Seconds of each page."""
    statuses: Counter[int] = field(default_factory=Counter)
    arrived: int = 0


class Person:
    """Somebody with an address, on one connection; a proxy would say the address."""

    def __init__(self, url: str, number: int, seen: Seen) -> None:
        self._where, self._seen = urlsplit(url), seen
        self._address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.carried: dict[str, str] = {}

    async def __aenter__(self) -> Person:
        where = self._where
        self._reader, self._writer = await asyncio.open_connection(where.hostname, where.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def ask(self, path: str, form: Mapping[str, str | Sequence[str]] | None = None) -> str:
        """One page, with what is in the form and what the last page carried."""
        body = b"" if form is None else urlencode({**self.carried, **form}, doseq=True).encode()
        head = (
            f"{'GET' if form is None else 'POST'} {path} HTTP/1.1\r\nHost: form\r\n"
            f"X-Forwarded-For: {self._address}\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        began = time.perf_counter()
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next(int(line[15:]) for line in answer if line.startswith("content-length:"))
        page = (await self._reader.readexactly(length)).decode()
        self._seen.times.append(time.perf_counter() - began)
        self._seen.statuses[int(answer[0].split()[1])] += 1
        self.carried = {name: html.unescape(value) for name, value in CARRIED.findall(page)}
        return page

    async def walk(self, pages: Sequence[Mapping[str, Any]], pause: float) -> None:
        """From the first page through these."""
        await self.ask("/form")
        for given in pages:
            await asyncio.sleep(pause)
            await self.ask("/form", {**given, "go": "next"})


async def ask_for_all(url: str, number: int, seen: Seen) -> None:
    """Go through the whole form and send it."""
    async with Person(url, number, seen) as person:
        await person.walk(SELF, PAUSE)
        page = await person.ask("/form", {"go": "send", "website": ""})
        seen.arrived += "UPC-" in page and 'name="ticket"' not in page


async def crowd(url: str, rate: float, seconds: float) -> Seen:
    """So many begin each second, each a page at a time."""
    seen, tasks = Seen(), []
    began = time.monotonic()
    for number in itertools.count():
        wait = began + number / rate - time.monotonic()
        if number / rate >= seconds:
            break
        await asyncio.sleep(max(0, wait))
        tasks.append(asyncio.create_task(ask_for_all(url, number, seen)))
    await asyncio.gather(*tasks)
    return seen


async def lags(intake: Path, found: list[float]) -> None:
    """How long each file lies in the intake until it is a case, in seconds; until cancelled."""
    there: dict[str, float] = {}
    while True:
        now = {one.name: one.stat().st_mtime for one in intake.glob("*.asked") if one.exists()}
        found += [time.time() - since for name, since in there.items() if name not in now]
        there = now
        await asyncio.sleep(0.1)


def memory(one: Serving) -> float:
    """Megabytes that it holds."""
    told = Path(f"/proc/{one.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", told)[1]) / 1024  # type: ignore[index]


@contextmanager
def form(folder: Path, key: bytes, **settings: object) -> Iterator[Serving]:
    """The public form's process."""
    folder.mkdir(exist_ok=True)
    (folder / "key").write_bytes(key)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("NOCONTACT_")}
    given = {f"NOCONTACT_PUBLIC_{name.upper()}": str(value) for name, value in settings.items()}
    command = [
        *NOCONTACT,
        "public",
        "--intake",
        str(folder / "intake"),
        "--key",
        str(folder / "key"),
        "--port",
        "0",
    ]
    with serving(command, plain | {"NOCONTACT_PUBLIC_TELEPHONE": TELEPHONE} | given, folder / "log") as made:
        yield made


async def an_hour(folder: Path, seconds: float) -> bool:
    """The crowd, with the service behind the form. Whether all of it became cases in time."""
    data = folder / "data"
    run(data, "init", "--data", str(data))
    key = run(data, "intake-key", "--data", str(data)).split()[-1].encode()
    settings = environment(data) | {"NOCONTACT_INTAKE": str(folder / "form" / "intake")}
    with (
        form(folder / "form", key) as asked,
        serving([*NOCONTACT, "serve"], settings, folder / "log") as service,
    ):
        pids = asked.process.pid, service.process.pid
        before = [processor(pid) for pid in pids]
        print(f"the form has started: {before[0]:.1f} s of processor time, {memory(asked):.0f} MB")
        waited: list[float] = []
        watching = asyncio.create_task(lags(folder / "form" / "intake", waited))
        began = time.monotonic()
        seen = await crowd(asked.url, AN_HOUR / 3600, seconds)
        took = time.monotonic() - began
        until = time.monotonic() + LATE
        while any((folder / "form" / "intake").glob("*.asked")) and time.monotonic() < until:
            await asyncio.sleep(0.2)
        await asyncio.sleep(0.3)
        watching.cancel()
        used = [processor(pid) - spent for pid, spent in zip(pids, before, strict=True)]
        with closing(sqlite3.connect(data / "nocontact.db")) as connection:
            (cases,) = connection.execute("SELECT count(*) FROM case_version").fetchone()
    times = [one * 1000 for one in seen.times]
    p95, pages, sent = quantiles(times, n=20)[-1], len(times), round(AN_HOUR / 3600 * seconds)
    of_form, of_service = (1000 * one for one in used)
    print(
        f"{seen.arrived} of {sent} sent in {took:.0f} s, {cases} cases; {pages / took:.0f} pages a second,"
        f" answered {dict(seen.statuses)}\n"
        f"a page: median {median(times):.0f} ms, p95 {p95:.0f} ms, longest {max(times):.0f} ms\n"
        f"processor time: the form {of_form / took / 10:.0f} % of a core, {of_form / pages:.1f} ms a page,"
        f" {of_form / sent:.0f} ms a request; the service {of_service / sent:.0f} ms a request\n"
        f"until it is a case: median {median(waited):.1f} s, longest {max(waited):.1f} s",
        flush=True,
    )
    return bool(seen.arrived == cases == sent)


async def floods(folder: Path) -> bool:
    """What is asked too often is told so, what is begun costs nothing, and a full intake says so."""
    key, settings, good = base64.b64encode(bytes([9, *bytes(31)])), PublicSettings(), True
    with form(folder / "limits", key) as made:
        one = Seen()
        async with Person(made.url, 1, one) as person:
            for _ in range(2 * int(settings.pages_burst)):
                await person.ask("/form")
        other = Seen()
        async with Person(made.url, 2, other) as person:
            await person.ask("/form")
        good &= one.statuses[429] > 0 and other.statuses == {200: 1}
        print(f"one address too quick: {dict(one.statuses)}; another meanwhile: {dict(other.statuses)}")
    with form(folder / "all", key, all_pages_rate=5) as made:
        everybody = Seen()
        for number in range(300):
            async with Person(made.url, number, everybody) as person:
                await person.ask("/form")
        good &= everybody.statuses[429] > 0
        print(f"300 addresses at once, five pages a second allowed: {dict(everybody.statuses)}")
    with form(folder / "begun", key, all_pages_rate=100_000) as made:
        sizes = [memory(made)]
        begun = Seen()
        for number in range(10_000):
            async with Person(made.url, number, begun) as person:
                await person.walk(SELF[:1], 0)
            if number in (999, 4_999, 9_999):
                sizes.append(memory(made))
        good &= begun.statuses == {200: 20_000} and sizes[-1] - sizes[1] < 20
        told = ", ".join(f"{size:.0f}" for size in sizes)
        print(
            f"10,000 forms begun, not sent: {dict(begun.statuses)}; {told} MB after 0, 1,000, 5,000, 10,000"
        )
    with form(folder / "full", key, most_requests=5) as made:
        seen = Seen()
        await asyncio.gather(*(ask_for_all(made.url, number, seen) for number in range(8)))
        await asyncio.sleep(6)
        first = Seen()
        async with Person(made.url, 99, first) as person:
            page = await person.ask("/")
        is_told = TELEPHONE in page
        print(
            f"room for five: {seen.arrived} of 8 arrived, then {dict(first.statuses)}, number told: {is_told}"
        )
        good &= seen.arrived == 5 and first.statuses == {503: 1} and is_told
    return good


def main() -> int:
    """Run it; exit status 1 where something was lost, or a limit did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--only", choices=("hour", "floods"))
    given = parser.parse_args()
    good = True
    with TemporaryDirectory(prefix="nocontact-form-") as name:
        if given.only != "floods":
            good &= asyncio.run(an_hour(Path(name), given.seconds))
        if given.only != "hour":
            good &= asyncio.run(floods(Path(name)))
    return not good


if __name__ == "__main__":
    sys.exit(main())
