"""What a reviewer decides reaches the gateway that holds the message: over HTTP, at a real service."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from adapters.check_client.client import Client
from adapters.messaging.webhook import application, signature
from engine.model import Contact
from service.review.model import UNDO, Outcome
from service.storage import sealing
from tests.service.console.browser import listening
from tests.service.console.conftest import SWITCH, Console, console_on
from tests.service.databases import MASTER, sqlite_in
from tests.service.review.queue_of_one import ANN, WHY, opened

SECRET = b"a secret of the tests, long enough"
LISTED = (Contact(kind="phone", value="07700 900123"), Contact(kind="email", value="rhoswen@example.org"))
NEAR, FREE = "07700 900124", "020 7946 0018"


class Gateway:
    """A gateway at a webhook, and the reviewers behind that."""

    def __init__(self, console: Console, client: TestClient) -> None:
        self.console, self.client, self.after = console, client, 0

    def post(self, path: str, body: bytes, content: str = "application/json") -> httpx.Response:
        at = str(int(time.time()))
        headers = {"content-type": content, "x-signature": signature(SECRET, at, body)}
        answer: httpx.Response = self.client.post(path, content=body, headers=headers)
        return answer

    def sms(self, name: str, to: str) -> str:
        asked = {"id": name, "prisoner": "X1234BC", "establishment": "LEI", "to": to, "body": "hello"}
        return str(self.post("/sms", json.dumps(asked).encode()).json()["action"])

    def email(self, name: str, *to: str) -> str:
        """One that nobody can read: each recipient's is held."""
        lines = (f"Message-ID: <{name}>", "From: X1234BC@prison.example", f"To: {', '.join(to)}")
        said = "\n".join((*lines, "Content-Type: application/octet-stream", "", "hello", ""))
        return str(self.post("/reply", said.encode(), "message/rfc822").json()["action"])

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
    with console_on(database, vault, tmp_path) as console, listening(console) as url:
        console.system.settler.stop()
        console.restrict(contacts=LISTED)
        secret = console.key_of(SWITCH)["authorization"].split()[1]
        client = Client(["http://127.0.0.1:9", url], secret, timeout=20)
        with TestClient(application(client, [SECRET])) as served:
            yield Gateway(console, served)
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


def test_nobody_asks_who_does_not_sign_and_a_service_that_is_away_says_nothing(gateway: Gateway) -> None:
    assert gateway.client.post("/settled", content=b'{"after": 0}').status_code == 401
    assert gateway.post("/settled", b'{"after": -1}').status_code == 422
    assert gateway.post("/settled", b'{"since": 0}').status_code == 422
    with TestClient(application(Client(["http://127.0.0.1:9"], "a-key"), [SECRET])) as alone:
        gateway.client = alone
        assert gateway.post("/settled", b"{}").status_code == 503
