"""A gateway asks over real HTTP, a real service decides; nothing is delivered that was not answered for."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from starlette.testclient import TestClient

from adapters.check_client.client import Client
from adapters.messaging import webhook
from adapters.messaging.webhook import OLDEST_SIGNATURE, read_secrets, signature
from benchmarks.load import serving
from tests.adapters.pin_phone.sip.exchange import answer_of, new_key, stand_in
from tests.service.running import command, service_in

SECRET, NEXT = b"a secret of the tests, long enough", b"the secret that takes its place later"
DOWN = "http://127.0.0.1:9"
RESTRICTED, FREE, SOLICITOR = "07700 900123", "020 7946 0018", "law@example.com"
RESTRICTED_EMAIL = "rhoswen@example.org"
MORE = (
    '{"id": "R2", "prisoner": "X1234BC", "pathway": 1, "protected": {"name": "Rhoswen Tallantyre"}, '
    f'"contacts": [{{"kind": "email", "value": "{RESTRICTED_EMAIL}"}}]}}\n'
)
REGISTER = (
    '{"name": "Quillon and Marsh", "kind": "solicitor", '
    f'"contacts": [{{"kind": "email", "value": "{SOLICITOR}"}}]}}\n'
)


class Gateway(NamedTuple):
    """Where a webhook listens."""

    url: str

    def post(
        self, path: str, body: bytes, *, content: str = "application/json", **headers: str
    ) -> httpx.Response:
        given = {"content-type": content, "x-signature": signed(body)} | headers
        return httpx.post(f"{self.url}{path}", content=body, headers=given, timeout=30)

    def sms(self, **fields: Any) -> httpx.Response:
        return self.post("/sms", sms_of(**fields))

    def action(self, **fields: Any) -> str:
        answer = self.sms(**fields)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["action"])

    def email(self, text: str) -> httpx.Response:
        return self.post("/reply", text.encode(), content="message/rfc822")


def signed(body: bytes, at: float | None = None, secret: bytes = SECRET) -> str:
    return signature(secret, str(int(time.time() if at is None else at)), body)


def sms_of(**fields: Any) -> bytes:
    plain = {
        "id": "S1",
        "prisoner": "X1234BC",
        "establishment": "LEI",
        "to": FREE,
        "body": "See you on Sunday.",
    }
    return json.dumps(plain | fields).encode()


def email_of(number: int, to: str, text: str = "See you on Sunday.", more: str = "") -> str:
    return f"Message-ID: <{number}@prison.example>\nFrom: X1234BC@prison.example\nTo: {to}\n{more}\n{text}\n"


@contextmanager
def webhook_in(folder: Path, node: str, key: str) -> Iterator[Gateway]:
    """The command, as an operator starts it."""
    folder.mkdir()
    (folder / "key").write_text(key)
    (folder / "secret").write_bytes(SECRET + b"\n" + NEXT + b"\n")
    options = ["--node", node, "--key-file", str(folder / "key"), "--secret-file", str(folder / "secret")]
    started = serving.start(
        [sys.executable, "-m", "adapters.messaging.webhook", "--port", "0", "--timeout", "10", *options],
        serving.environment(folder),
        folder / "log",
    )
    try:
        yield Gateway(started.url)
    finally:
        started.kill()
        if started.process.stdout:
            started.process.stdout.close()
    said = (folder / "log").read_text()
    assert set(said.splitlines()) <= {"WARNING:  Invalid HTTP request received."}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("messaging")
    with service_in(folder) as service:
        for name, lines, options in (("more", MORE, ()), ("register", REGISTER, ("--confidential",))):
            (folder / name).write_text(lines)
            assert command(service.data, "import", *options, str(folder / name)).returncode == 0
        with webhook_in(folder / "webhook", service.url, new_key(service)) as running:
            wait_until_in_force(running)
            yield running


def wait_until_in_force(gateway: Gateway) -> None:
    """The restriction and the register entry are in force with the next blocklist."""
    for n in range(100):
        first = gateway.email(email_of(10_000 + n, RESTRICTED_EMAIL)).json()["action"]
        second = gateway.email(email_of(20_000 + n, SOLICITOR, RESTRICTED)).json()["action"]
        if (first, second) == ("stop", "deliver"):
            return
        time.sleep(0.2)
    raise AssertionError("the lists do not come into force")


def test_a_text_is_delivered_held_or_stopped(gateway: Gateway) -> None:
    assert gateway.sms(id="T1").json() == {"id": "T1", "action": "deliver"}
    assert gateway.sms(id="T2", to=RESTRICTED).json() == {"id": "T2", "action": "stop"}
    assert gateway.sms(id="T3", to="+44 (0) 7700 900123").json() == {"id": "T3", "action": "stop"}
    assert gateway.sms(id="T4", to="not a number").json() == {"id": "T4", "action": "hold"}


@pytest.mark.parametrize(
    "body",
    [
        "ring 07700 900123",
        "oh double seven double oh nine double oh one two three, you know who",
        "0.7.7.0.0.9.0.0.1.2.3",
        "０７７００ ９００１２３",
        "tell Rhoswen I am sorry",
    ],
)
def test_what_hides_in_a_text_is_held(gateway: Gateway, body: str) -> None:
    assert gateway.action(id=f"H{body}", body=body, to="020 7946 0019") == "hold"


def test_a_number_split_over_two_texts_is_held_with_the_second(gateway: Gateway) -> None:
    assert gateway.action(id="P1", to="020 7946 0020", body="keep this: 07700 9") == "deliver"
    assert gateway.action(id="P2", to="020 7946 0021", body="00123 is the rest") == "deliver"
    assert gateway.action(id="P3", to="0207 946 0020", body="00123 is the rest") == "hold"


def test_the_same_id_again_has_the_same_answer(gateway: Gateway) -> None:
    for _ in range(2):
        assert gateway.action(id="A1", to="020 7946 0022", body="keep this: 07700 9") == "deliver"
    for _ in range(2):
        assert gateway.action(id="A2", to="020 7946 0022", body="00123 is the rest") == "hold"
    assert gateway.action(id="A1", to="020 7946 0022", body="keep this: 07700 9") == "deliver"
    assert gateway.action(id="A1", to="020 7946 0022", body="another text") == "hold"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"prisoner": "nobody 07700 900123"}, "prisoner"),
        ({"prisoner": None}, "prisoner"),
        ({"establishment": "Leeds"}, "establishment"),
        ({"to": 7700900123}, "to"),
        ({"to": "7" * 3000}, "to"),
        ({"id": ""}, "id"),
        ({"id": "a\nb"}, "id"),
        ({"body": None}, "body"),
        ({"note": "07700 900123"}, "note"),
        ({"07700 900123": 1}, "body of the request"),
    ],
)
def test_what_cannot_be_read_is_named_and_not_repeated(
    gateway: Gateway, fields: dict[str, Any], field: str
) -> None:
    answer = gateway.sms(**{"id": "B1", **fields})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == field
    assert "900123" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": "\xff"}', b'{"id":"\\ud800"}', b"[" * 50_000])
def test_what_is_not_json_is_refused(gateway: Gateway, body: bytes) -> None:
    for path in ("/sms", "/reply"):
        assert gateway.post(path, body).status_code == 422


def test_only_what_is_signed_is_read(gateway: Gateway) -> None:
    body = sms_of(id="X1")
    now = int(time.time())
    good = signed(body)
    for wrong in (
        "",
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        signed(body, secret=SECRET + b"x"),
        signed(body + b" "),
        signed(body, now - OLDEST_SIGNATURE - 5),
        signed(body, now + OLDEST_SIGNATURE + 60),
        good.replace(f"t={now}", f"t={now + 1}").replace(f"t={now - 1}", f"t={now}"),
        good.upper(),
        f"{good},{good}",
        good.partition(",")[0],
    ):
        answer = gateway.post("/sms", body, **{"x-signature": wrong})
        assert (answer.status_code, answer.json()) == (401, {"title": "Not signed", "status": 401})
    assert gateway.post("/sms", body, **{"x-signature": signed(body, now - 200)}).status_code == 200
    assert gateway.post("/sms", body, **{"x-signature": signed(body, secret=NEXT)}).status_code == 200


def test_a_body_of_another_kind_or_address_is_refused(gateway: Gateway) -> None:
    assert gateway.post("/sms", sms_of(), content="text/plain").status_code == 415
    assert gateway.post("/sms", b"From: a", content="message/rfc822").status_code == 415
    assert gateway.post("/reply", sms_of(), content="text/plain").status_code == 415
    assert gateway.post("/", sms_of()).status_code == 404
    assert httpx.get(f"{gateway.url}/sms").status_code == 405


def spoken(gateway: Gateway, request: bytes) -> bytes:
    """The first line of the answer to a request of which nothing more comes."""
    _, _, port = gateway.url.rpartition(":")
    with socket.create_connection(("127.0.0.1", int(port)), timeout=30) as connection:
        connection.sendall(request)
        return connection.makefile("rb").readline().strip()


@pytest.mark.parametrize("length", [b"content-length: 65537", b"content-length: 99999999999999999999"])
def test_a_body_that_says_it_is_too_long_is_not_waited_for(gateway: Gateway, length: bytes) -> None:
    head = b"POST /sms HTTP/1.1\r\nhost: x\r\nx-signature: %s\r\n%s\r\n\r\n" % (signed(b"").encode(), length)
    assert spoken(gateway, head).startswith((b"HTTP/1.1 413", b"HTTP/1.1 400"))


def test_a_body_that_grows_too_long_is_not_read_to_its_end(gateway: Gateway) -> None:
    head = b"POST /sms HTTP/1.1\r\nhost: x\r\nx-signature: %s\r\ntransfer-encoding: chunked\r\n\r\n"
    chunks = b"1000\r\n" + b" " * 4096 + b"\r\n"
    assert spoken(gateway, head % signed(b"").encode() + chunks * 17).startswith(b"HTTP/1.1 413")


def test_a_body_of_the_longest_kind_is_read(gateway: Gateway) -> None:
    room = webhook.LONGEST_SMS - len(sms_of(id="L1", body=""))
    assert gateway.action(id="L1", to="020 7946 0023", body="a" * room) == "deliver"
    assert gateway.sms(id="L1", body="a" * (room + 1)).status_code == 413


def reply_of(**fields: Any) -> bytes:
    return sms_of(**{"to": "mum@example.org", **fields})


@pytest.mark.parametrize("path", ["/sms", "/reply"])
@pytest.mark.parametrize("key", ["id", "prisoner", "to", "body", "t\\u006f"])
def test_a_key_that_stands_twice_is_refused(gateway: Gateway, path: str, key: str) -> None:
    twice = reply_of(id="T1")[:-1] + f', "{key}": "other@example.org"}}'.encode()
    answer = gateway.post(path, twice)
    assert (answer.status_code, answer.json()["detail"]) == (422, "the same key twice")


def test_a_reply_as_json(gateway: Gateway) -> None:
    assert gateway.post("/reply", reply_of(id="J1")).json() == {"id": "J1", "action": "deliver"}
    stopped = gateway.post("/reply", reply_of(id="J2", to=RESTRICTED_EMAIL.upper()))
    assert stopped.json() == {"id": "J2", "action": "stop"}
    hidden = gateway.post("/reply", reply_of(id="J3", subject="07700", body="900123"))
    assert hidden.json() == {"id": "J3", "action": "hold"}
    assert gateway.post("/reply", reply_of(id="J4", to=FREE)).json()["field"] == "to"


def test_a_reply_as_an_email_has_the_most_restrictive_answer_of_its_recipients(gateway: Gateway) -> None:
    def action(number: int, to: str, *more: str) -> str:
        return str(gateway.email(email_of(number, to, *more)).json()["action"])

    assert gateway.email(email_of(1, "mum@example.org")).json() == {
        "id": "1@prison.example",
        "action": "deliver",
    }
    assert action(2, "mum@example.org, dad@example.org") == "deliver"
    assert action(3, f"mum@example.org, {RESTRICTED_EMAIL}, dad@example.org") == "stop"
    assert action(4, "mum@example.org", "Hello.", f"Bcc: {RESTRICTED_EMAIL}\n") == "stop"
    assert action(5, "aunt@example.org", "It is 07700 900123.") == "hold"
    assert action(6, f"aunt@example.org, {RESTRICTED_EMAIL}", "It is 07700 900123.") == "stop"


PICTURE = (
    'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n',
    "--b\nContent-Type: text/plain\n\nSee you.\n--b\nContent-Type: image/png\n"
    "Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--\n",
)


def test_an_attachment_is_held_but_for_who_is_confidential(gateway: Gateway) -> None:
    def action(number: int, to: str) -> str:
        return str(gateway.email(email_of(number, to, PICTURE[1], PICTURE[0])).json()["action"])

    assert action(11, "mum@example.org") == "hold"
    assert action(12, RESTRICTED_EMAIL) == "stop"
    assert action(13, SOLICITOR) == "deliver"
    assert action(14, f"{SOLICITOR}, mum@example.org") == "hold"


def test_an_email_that_cannot_be_read_is_named(gateway: Gateway) -> None:
    answer = gateway.email("From: X1234BC@prison.example\nTo: mum@example.org\n\n07700 900123\n")
    assert (answer.status_code, answer.json()["field"]) == (422, "message-id")
    assert "900123" not in answer.text


def test_a_service_that_is_stopped_holds_everything(tmp_path: Path) -> None:
    with (
        service_in(tmp_path) as service,
        webhook_in(tmp_path / "w", service.url, new_key(service)) as gateway,
    ):
        assert gateway.action(id="D1") == "deliver"
        service.stop()
        assert gateway.action(id="D2") == "hold"
        assert gateway.action(id="D3", to=RESTRICTED) == "hold"
        assert gateway.email(email_of(1, "mum@example.org")).json()["action"] == "hold"


@pytest.mark.parametrize(
    "answer",
    [
        lambda body: (200, answer_of(body)),
        lambda body: (200, answer_of(body, decision="flag", action="deliver")),
        lambda body: (500, answer_of(body, action="deliver")),
        lambda body: (401, b"{}"),
        lambda body: (200, b"deliver"),
    ],
)
def test_what_is_not_an_answer_is_held(answer: Any) -> None:
    with (
        stand_in(answer) as (url, asked),
        TestClient(webhook.application(Client([url], "a-key", timeout=5), [SECRET])) as client,
    ):
        told = client.post("/sms", content=sms_of(), headers=headers_of(sms_of()))
        assert told.json() == {"id": "S1", "action": "hold"}
        assert len(asked) == 1


def headers_of(body: bytes) -> dict[str, str]:
    return {"content-type": "application/json", "x-signature": signed(body)}


def test_what_fails_is_an_error_without_a_value(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Client):
        async def check(self, *args: Any, **options: Any) -> Any:
            raise RuntimeError(options["to"])

    with TestClient(webhook.application(Broken([DOWN], "a-key"), [SECRET])) as client:
        told = client.post("/sms", content=sms_of(), headers=headers_of(sms_of()))
    assert (told.status_code, told.json()) == (500, {"title": "Internal error", "status": 500})
    assert FREE not in caplog.text


def test_a_signature_is_old_after_five_minutes_and_not_before() -> None:
    now = 1_700_000_000.0
    body = sms_of()
    app = webhook.application(Client([DOWN], "a-key"), [SECRET], clock=lambda: now)
    with TestClient(app) as client:
        for age, status in ((300, 200), (301, 401), (-300, 200), (-301, 401)):
            headers = headers_of(body) | {"x-signature": signed(body, now - age)}
            assert client.post("/sms", content=body, headers=headers).status_code == status


def test_the_signature_of_the_manual() -> None:
    text = (Path(webhook.__file__).parents[2] / "docs" / "messaging.md").read_text()
    made = signature(b"correct-horse-battery-staple-0001", "1767225600", MANUAL)
    assert MANUAL.decode() in text
    assert made.partition(",")[::2] == ("t=1767225600", f"v1={V1}")
    assert f"1767225600.{MANUAL.decode()}" in text
    assert f"v1={V1} " in text


V1 = "028f37f3240f171295a16451ff4f148328a5146237f94aac636bfca46f964aaf"
MANUAL = b'{"id":"S1","prisoner":"A1234BC","to":"07700 900456","body":"See you on Sunday."}'


def test_a_secret_that_is_short_or_missing_is_refused(tmp_path: Path) -> None:
    for said in (b"", b"\n\n", b"short", SECRET + b"\nshort\n"):
        (tmp_path / "secret").write_bytes(said)
        with pytest.raises(ValueError, match="secret"):
            read_secrets(tmp_path / "secret")
    (tmp_path / "secret").write_bytes(SECRET + b"\n\n" + NEXT)
    assert read_secrets(tmp_path / "secret") == (SECRET, NEXT)
