"""FreeSWITCH asks for a dialplan: it gets one that connects what was asked about, or one that refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from adapters.check_client.client import Client
from adapters.pin_phone import xml_curl
from service.access.model import Role
from tests.adapters.pin_phone.sip.exchange import answer_of, stand_in
from tests.service.running import service_in

DOWN = "http://127.0.0.1:9"
DIALPLANS = Path(xml_curl.__file__).parent / "dialplans"
RESTRICTED, FREE = "07700900123", "02079460018"
REFUSED = [("respond", "603 Decline")]
UNAVAILABLE = [("respond", "503 Check Unavailable")]


def told(client: TestClient, to: str, **fields: Any) -> list[tuple[str, str]]:
    """The actions of the dialplan that a call gets."""
    asked = {
        "section": "dialplan",
        "Unique-ID": f"call-{to}",
        "Caller-Destination-Number": to,
        "variable_nocontact_prisoner": "X1234BC",
        "variable_nocontact_establishment": "LEI",
    }
    return read(client.post("/dialplan", data={**asked, **fields}).text)


def read(text: str) -> list[tuple[str, str]]:
    found = ElementTree.fromstring(text).iter("action")  # noqa: S314 - our own
    return [(one.attrib["application"], one.attrib["data"]) for one in found]


def test_a_real_service_decides(tmp_path: Path) -> None:
    with service_in(tmp_path) as service, service.key(Role.PHONE_SYSTEM) as machine:
        key = machine.headers["authorization"].split()[1]
        with TestClient(xml_curl.application(Client([service.url], key, timeout=5))) as client:
            assert told(client, FREE) == [("bridge", f"sofia/gateway/carrier/{FREE}")]
            assert told(client, RESTRICTED) == REFUSED
            assert told(client, "1470" + RESTRICTED) == REFUSED
            assert told(client, "07700900124") == [
                ("set", "nocontact_alert=true"),
                ("bridge", "sofia/gateway/carrier/07700900124"),
            ]


@pytest.mark.parametrize(
    "fields",
    [
        {"section": "directory"},
        {"Caller-Destination-Number": ""},
        {"variable_nocontact_prisoner": ""},
        {"Unique-ID": ""},
        {"padding": "x" * 300_000},
    ],
)
def test_a_question_that_is_not_whole_is_refused(fields: dict[str, str]) -> None:
    with (
        stand_in(lambda body: (200, answer_of(body))) as (url, asked),
        TestClient(xml_curl.application(Client([url], "a-key", timeout=2))) as client,
    ):
        assert told(client, FREE, **fields) == REFUSED
        assert asked == []


@pytest.mark.parametrize(
    "dialled", ["0770,sofia/gateway/x", "]loopback", "user/1000", "07700 900", "&park()"]
)
def test_nothing_is_bridged_but_digits(dialled: str) -> None:
    """Though the check would let it through: what FreeSWITCH reads as more than a number is refused."""
    with (
        stand_in(lambda body: (200, answer_of(body))) as (url, _),
        TestClient(xml_curl.application(Client([url], "a-key", timeout=2))) as client,
    ):
        assert told(client, dialled) == REFUSED


def test_nobody_answers() -> None:
    with TestClient(xml_curl.application(Client([DOWN], "a-key"))) as client:
        assert told(client, FREE) == UNAVAILABLE


def test_whatever_happens_it_is_a_document_that_refuses() -> None:
    class Broken(Client):
        async def check(self, *args: Any, **options: Any) -> Any:
            raise RuntimeError

    with TestClient(xml_curl.application(Broken([DOWN], "a-key"))) as client:
        assert told(client, FREE) == UNAVAILABLE


def test_the_dialplan_beside_it_lets_nothing_through() -> None:
    (action,) = read((DIALPLANS / "freeswitch_dialplan.xml").read_text())
    assert action == UNAVAILABLE[0]
