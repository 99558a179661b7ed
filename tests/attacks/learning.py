"""Two prisons, each with a restriction whose every word is known: what an attacker may never be told."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from service.access.model import Role
from tests.service.running import Service, command, service_in


@dataclass(frozen=True)
class Planted:
    """One prison's restriction."""

    prison: str
    prisoner: str
    id: str
    name: str
    alias: str
    number: str
    address: str
    email: str
    notes: str

    @property
    def line(self) -> str:
        """As a line of an import."""
        contacts = (("phone", self.number), ("address", self.address), ("email", self.email))
        return json.dumps(
            {
                "id": self.id,
                "prisoner": self.prisoner,
                "establishment": self.prison,
                "protected": {"name": self.name, "aliases": [self.alias]},
                "contacts": [{"kind": kind, "value": value} for kind, value in contacts],
            }
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What stands in no answer to who may not see it: words and runs of digits that nobody asks with."""
        digits = "".join(filter(str.isdecimal, self.number))[1:]
        words = [*self.name.split(), *self.alias.split(), self.email, self.address.split(", ")[0]]
        return (*words, *self.address.split(", ")[0].split()[1:2], digits, self.number, self.id)


LEEDS = Planted(
    "LEI", "X2345BD", "RQ-LEEDS-7", "Rosamund Quillfeather", "Posy Wintergreen", "(07700) 900-417",
    "14 Larkmead Street, Ambermouth, LS1 4AB", "rosamund.q@ambermouth.example", "her mother's house",
)  # fmt: skip
MOORLAND = Planted(
    "MDI", "X3456BF", "RQ-MOOR-9", "Thomasina Underbarrow", "Minnie Ravenscroft", "(07700) 900-862",
    "27 Quernmore Terrace, Saltholme, DN7 6BW", "t.underbarrow@saltholme.example", "a refuge",
)  # fmt: skip
BOTH = (LEEDS, MOORLAND)


@contextmanager
def two_prisons(folder: Path, **settings: str) -> Iterator[Service]:
    """A service with both restrictions in force and both prisoners where they are."""
    with service_in(folder, **settings) as service:
        lines = folder / "planted.jsonl"
        lines.write_text("".join(one.line + "\n" for one in BOTH))
        done = command(service.data, "import", str(lines), settings=service.settings)
        assert done.returncode == 0, done.stderr
        officer = service.key(Role.CASE_OFFICER)
        for one in BOTH:
            place = officer.put(f"/v1/prisoners/{one.prisoner}", json={"establishment": one.prison})
            place.raise_for_status()
        for one in BOTH:
            wait_until_blocked(officer, one)
        yield service


def wait_until_blocked(officer: httpx.Client, one: Planted) -> None:
    """Until the restriction is in force."""
    for attempt in range(200):
        body = {"id": f"first-{one.id}-{attempt}", "prisoner": one.prisoner, "to": one.number}
        if officer.post("/v1/check/call", json=body).json().get("decision") == "block":
            return
        time.sleep(0.1)
    raise AssertionError("the restriction does not come into force")


def person(service: Service, name: str, role: Role, *prisons: str) -> httpx.Client:
    """Somebody with an account of this role, signed in, in a browser's place."""
    admin = service.admin() if not hasattr(service, "made_by") else service.made_by
    service.made_by = admin  # type: ignore[attr-defined]
    body: dict[str, Any] = {"name": name, "shown": name, "roles": [role.value], "prisons": list(prisons)}
    made = admin.post("/v1/accounts", json=body)
    made.raise_for_status()
    client = httpx.Client(base_url=service.url, timeout=30)
    service.sign_in(client, name, made.json()["password"])
    begun = client.post(
        "/v1/session/password", json={"old": made.json()["password"], "new": "odd words in a row"}
    )
    begun.raise_for_status()
    return service._keep(client, begun)


def told(answer: httpx.Response | bytes | str, planted: Planted) -> set[str]:
    """Which of the secrets stand in an answer, in whatever case, digits with anything between."""
    text = (
        answer
        if isinstance(answer, str)
        else (answer if isinstance(answer, bytes) else answer.content).decode("utf-8", "replace")
    )
    text = text.casefold()
    text = f"{text} {re.sub('<[^>]*>', '', text)}"  # a mark within a word hides nothing
    run = "".join(filter(str.isdecimal, text))
    return {one for one in planted.secrets if one.casefold() in text or (one.isdecimal() and one in run)}
