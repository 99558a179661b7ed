"""What a reviewer decides reaches the gateway that holds the message: over HTTP, at a real service."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from adapters.check_client.client import Client
from adapters.messaging.replies import read_email
from adapters.messaging.webhook import application, signature
from engine.model import Attempt, Contact
from service.review.model import UNDO, Outcome
from service.storage import sealing
from tests.service.console.browser import listening
from tests.service.console.conftest import SWITCH, Console, console_on
from tests.service.databases import MASTER, sqlite_in
from tests.service.review.queue_of_one import ANN, WHY, opened

SECRET = b"a secret of the tests, long enough"
LISTED = (Contact(kind="phone", value="07700 900123"), Contact(kind="email", value="rhoswen@example.org"))
NEAR, FREE = "07700 900124", "020 7946 0018"


def unreadable(name: str, *to: str) -> bytes:
    """An e-mail of which each recipient's is held."""
    lines = (f"Message-ID: <{name}>", "From: X1234BC@prison.example", f"To: {', '.join(to)}")
    return "\n".join((*lines, "Content-Type: application/octet-stream", "", "hello", "")).encode()


class Gateway:
    """A gateway at a webhook, and the reviewers behind that."""

    def __init__(self, console: Console, client: TestClient, service: tuple[str, str]) -> None:
        self.console, self.client, self.service, self.after = console, client, service, 0

    def post(self, path: str, body: bytes, content: str = "application/json") -> httpx.Response:
        at = str(int(time.time()))
        headers = {"content-type": content, "x-signature": signature(SECRET, at, body)}
        answer: httpx.Response = self.client.post(path, content=body, headers=headers)
        return answer

    def sms(self, name: str, to: str) -> str:
        asked = {"id": name, "prisoner": "X1234BC", "establishment": "LEI", "to": to, "body": "hello"}
        return str(self.post("/sms", json.dumps(asked).encode()).json()["action"])

    def email(self, name: str, *to: str) -> str:
        return str(self.post("/reply", unreadable(name, *to), "message/rfc822").json()["action"])

    def first_of(self, name: str, *to: str) -> None:
        """The same, where no node answered in time for any recipient but the first."""

        async def ask(one: Attempt) -> None:
            async with Client([self.service[0]], self.service[1], timeout=20) as client:
                asked = {field: getattr(one, field) for field in ("id", "prisoner", "to", "body", "doubts")}
                assert (await client.check("message", **asked)).action == "hold"

        asyncio.run(ask(read_email(unreadable(name, *to)).attempts[0]))

    def settled(self) -> dict[str, str]:
        """What came since the last time."""
        answer = self.post("/settled", json.dumps({"after": self.after}).encode())
        assert answer.status_code == 200, answer.text
        self.after = answer.json()["after"]
        return {one["id"]: one["action"] for one in answer.json()["settled"]}

    def decide(self, outcome: Outcome, back: int = 0) -> None:
        """The newest flag, or one so many before it."""
        reviews = self.console.system.reviews
        with self.console.system.database.read() as connection:
            query = "SELECT seq FROM review_item ORDER BY seq DESC"
            seq = connection.exec_driver_sql(query).scalars().all()[back]
        reviews.decide(ANN, seq, opened(reviews, ANN, seq), outcome, WHY[outcome])
        self.console.clock.ahead += UNDO
        self.console.system.settler.settle()


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    database = sqlite_in(tmp_path)
    vault = sealing.open_vault(database, MASTER)
    with console_on(database, vault, tmp_path) as console, listening(console.app) as url:
        console.system.settler.stop()
        console.restrict(contacts=LISTED)
        secret = console.key_of(SWITCH)["authorization"].split()[1]
        client = Client(["http://127.0.0.1:9", url], secret, timeout=20)
        with TestClient(application(client, [SECRET])) as served:
            yield Gateway(console, served, (url, secret))
    database.close()


def test_a_text_that_was_held_is_delivered_or_stopped_by_who_holds_it(gateway: Gateway) -> None:
    assert (gateway.sms("S1", NEAR), gateway.sms("S2", NEAR), gateway.sms("S3", FREE)) == (
        "hold",
        "hold",
        "deliver",
    )
    assert gateway.settled() == {}
    gateway.decide(Outcome.RELEASE, back=1)
    gateway.decide(Outcome.UPHOLD)
    before = gateway.after
    assert gateway.settled() == {"S1": "deliver", "S2": "stop"}
    assert gateway.settled() == {}
    gateway.after = before
    assert gateway.settled() == {"S1": "deliver", "S2": "stop"}, "again after a power cut"
    gateway.after += 10_000  # of a service that was restored since
    assert gateway.settled() == {}
    assert gateway.after == 0
    assert {"S1": "deliver", "S2": "stop"}.items() <= gateway.settled().items()


def test_an_e_mail_to_several_is_told_of_once_all_of_them_are_decided(gateway: Gateway) -> None:
    two = ("mum@example.org", "nan@example.com")
    assert gateway.email("M1@prison.example", *two) == "hold"
    gateway.decide(Outcome.RELEASE, back=1)
    assert "M1@prison.example" not in gateway.settled()
    gateway.decide(Outcome.RELEASE)
    assert gateway.settled()["M1@prison.example"] == "deliver"
    assert gateway.email("M2@prison.example", *two) == "hold"
    gateway.decide(Outcome.RELEASE, back=1)
    gateway.decide(Outcome.UPHOLD)
    assert gateway.settled()["M2@prison.example"] == "stop"


def test_an_e_mail_waits_for_a_recipient_of_whom_nobody_was_asked(gateway: Gateway) -> None:
    two = ("mum@example.org", "nan@example.com")
    for name, outcome, told in (("M1@x", Outcome.RELEASE, "deliver"), ("M2@x", Outcome.UPHOLD, "stop")):
        gateway.first_of(name, *two)
        gateway.decide(outcome)
        assert name not in gateway.settled()
        assert gateway.email(name, *two) == ("hold" if told == "deliver" else "stop"), "asked again"
        gateway.decide(Outcome.RELEASE)
        assert gateway.settled()[name] == told
        assert gateway.email(name, *two) == told, "asked a third time"


def test_no_text_takes_the_id_of_a_recipient_of_an_e_mail(gateway: Gateway) -> None:
    asked = {"id": "M1#1of2", "prisoner": "X1234BC", "to": FREE, "body": "hello"}
    assert gateway.post("/sms", json.dumps(asked).encode()).status_code == 422
    assert gateway.post("/reply", json.dumps(asked | {"to": "a@b.example"}).encode()).status_code == 422
    assert gateway.post("/reply", unreadable("M1@x#1of2", "a@b.example"), "message/rfc822").status_code == 422
    assert gateway.sms("M1#1", FREE) == "deliver"


def test_nobody_asks_who_does_not_sign_and_a_service_that_is_away_says_nothing(gateway: Gateway) -> None:
    assert gateway.client.post("/settled", content=b'{"after": 0}').status_code == 401
    assert gateway.post("/settled", b'{"after": -1}').status_code == 422
    assert gateway.post("/settled", b'{"since": 0}').status_code == 422
    with TestClient(application(Client(["http://127.0.0.1:9"], "a-key"), [SECRET])) as alone:
        gateway.client = alone
        assert gateway.post("/settled", b"{}").status_code == 503
