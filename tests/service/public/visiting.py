"""Somebody at the form with a browser that has no script: pages are filled in and sent as they stand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from service.public.app import PublicForm
from service.public.asked import PublicRequest, decode
from service.public.intake import IntakeFolder
from service.public.sealing import INFO, SUITE
from service.public.settings import PublicSettings

NOW = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
SELF: tuple[dict[str, Any], ...] = (
    {"kind": "stop"},
    {"who": "self"},
    {"asker": "Rhoswen Tallantyre"},
    {"email": "rhoswen@example.com", "safely": "Only on weekdays\nbefore noon"},
    {"prisoner": "Osric Pellow"},
    {"number": "A1234BC", "prison": "Ambermouth", "born": ["3", "4", "1985"]},
    {"aliases": ["Rose Pellow"]},
    {"addresses": ["14 Larkmead Street\nAmbermouth\nZZ1 4AB"]},
    {"numbers": ["07700 900123"]},
    {"emails": []},
    {"accounts": []},
    {"court_order": "Non-molestation, until May"},
    {"how": ["letter", "call"]},
    {"happened": ""},
    {"danger": "no"},
    {"urgency": "soon"},
)
"""A request for oneself, page by page."""
CONTINUING: tuple[dict[str, Any], ...] = (
    {"kind": "continuing"},
    {"who": "police"},
    {"organisation": "Ambershire Police", "reference": "26/0417"},
    {"asker": "Bevis Carradine"},
    {"phone": "01632 960017"},
    {"prisoner": "Osric Pellow"},
    {},
    {"person": "Rhoswen Tallantyre"},
    {},
    {},
    {"numbers": ["07700 900123"]},
    {},
    {},
    {"knows": "yes", "agrees": "unsure"},
    {},
    {"how": ["illegal_mobile"]},
    {"when": "Sunday night", "happened": "He called twice."},
    {"urgency": "today"},
)
"""A report by the police."""


class _Reader(HTMLParser):
    """The forms of a page, with what stands in their fields; and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]], set[str]]] = []
        self.text: list[str] = []
        self._area: str | None = None
        self._named: dict[str, int] = {}
        self._elsewhere: list[tuple[str, str, str]] = []
        self.feed(text)
        for form, value, action in self._elsewhere:  # a button may stand outside of its form
            own, fields, _ = self.forms[self._named[form]]
            self.forms.append((action or own, fields, {value}))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._named[found.get("id", "")] = len(self.forms)
            self.forms.append((found["action"], [], set()))
        if tag == "button" and "form" in found:
            self._elsewhere.append((found["form"], found.get("value", ""), found.get("formaction", "")))
            return
        if not self.forms or "name" not in found:
            return
        _action, fields, buttons = self.forms[-1]
        if tag == "button":
            buttons.add(found["value"])
        elif tag == "textarea":
            self._area = found["name"]
            fields.append((self._area, ""))
        elif tag == "input" and (
            found.get("type") not in ("radio", "checkbox", "file") or "checked" in found
        ):
            fields.append((found["name"], found.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            name, value = self.forms[-1][1].pop()
            data = data if value else data.removeprefix("\n")
            self.forms[-1][1].append((name, value + data))
        else:
            self.text.append(data)


def opened(folder: Path, private: X25519PrivateKey) -> list[PublicRequest]:
    """What is in an intake, the oldest first."""
    files = sorted(folder.glob("*.asked"), key=lambda file: file.stat().st_mtime_ns)
    return [decode(SUITE.decrypt(file.read_bytes(), private, INFO)) for file in files]


@dataclass
class Desk:
    """A form with its intake, the key that opens it, and clocks that are set by hand."""

    folder: Path
    settings: PublicSettings = field(default_factory=PublicSettings)
    seconds: float = 1_000.0
    private: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)

    def __post_init__(self) -> None:
        self.intake = IntakeFolder(
            self.folder, most=self.settings.most_requests, most_bytes=self.settings.most_bytes
        )
        public = self.private.public_key().public_bytes_raw()
        self.app = PublicForm(
            self.settings, self.intake, public, clock=lambda: NOW, monotonic=lambda: self.seconds
        )

    def taken(self) -> list[PublicRequest]:
        """What is in the intake, opened."""
        return opened(self.folder, self.private)

    def ask(self, method: str, path: str, address: str = "192.0.2.7", **more: Any) -> httpx.Response:
        """One request."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://form") as client:
                return await client.request(method, path, **more)

        return asyncio.run(asked())


class Visitor:
    """One person, and the page that she sees."""

    def __init__(self, desk: Desk, path: str = "/form", address: str = "192.0.2.7") -> None:
        self.desk, self.address = desk, address
        self.seen: list[httpx.Response] = []
        self.show(desk.ask("GET", path, address))

    def show(self, page: httpx.Response) -> None:
        self.page = page
        self.seen.append(page)
        read = _Reader(page.text)
        self.forms, self.text = read.forms, " ".join(" ".join(read.text).split())

    def press(
        self,
        go: str,
        given: Mapping[str, str | Sequence[str]] | None = None,
        files: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        """Fill in what is given, and press a button."""
        action, fields, _buttons = next(form for form in self.forms if go in form[2])
        typed = {name: [value] if isinstance(value, str) else value for name, value in (given or {}).items()}
        pairs = [(name, value) for name, value in fields if name not in typed]
        pairs += [(name, value) for name, values in typed.items() for value in values]
        data: dict[str, list[str]] = {}
        for name, value in [*pairs, ("go", go)]:
            # As browsers send the end of a line.
            data.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\n", "\r\n"))
        more: dict[str, Any] = {"data": data}
        if files:
            more["files"] = [("evidence", (name, content)) for name, content in files]
        self.show(self.desk.ask("POST", action, self.address, **more))

    def answer(self, *pages: Mapping[str, str | Sequence[str]]) -> Visitor:
        """Page after page."""
        for given in pages:
            self.press("next", given)
            assert self.page.status_code == 200, self.text
        self.desk.seconds += 120
        return self
