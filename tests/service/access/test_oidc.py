"""Tokens and people of an issuer: a real one, in a process of its own, that also misbehaves."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from benchmarks.free_port import free_port
from service.access import oidc
from service.access.access import CALLBACK, Access
from service.access.model import Role
from service.errors import NotAllowedError, NotFoundError, NotSignedInError, UnavailableError
from service.ledger.record import Kind, Record
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.access.issuer import CLIENT, SECRET

PUBLIC = "https://nocontact.example"


@pytest.fixture(scope="module")
def issuer_url() -> Iterator[str]:
    """A real issuer, stopped by its process id."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.service.access.issuer", str(port)], cwd=Path(__file__).parents[3]
    )
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + 30
    while time.monotonic() < until:
        try:
            httpx.get(f"{url}/jwks")
            break
        except httpx.HTTPError:
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(10)


@dataclass
class Door:
    """Access that trusts the issuer, and the issuer's controls."""

    access: Access
    url: str
    records: list[Record]
    ahead: list[float]

    def token(self, **asked: Any) -> str:
        return str(httpx.post(f"{self.url}/mint", json=asked).json())

    def control(self, **asked: Any) -> dict[str, int]:
        counts: dict[str, int] = httpx.post(f"{self.url}/control", json=asked).json()
        return counts

    def enter(self, **asked: Any) -> Any:
        return self.access.authenticate("POST", {"authorization": f"Bearer {self.token(**asked)}"})


@pytest.fixture
def door(issuer_url: str, database: Database, vault: Vault) -> Iterator[Door]:
    settings = Settings(
        oidc_issuer=issuer_url,
        oidc_client_id=CLIENT,
        oidc_client_secret=SecretStr(SECRET),
        public_url=PUBLIC,
    )
    records: list[Record] = []
    ahead = [0.0]
    access = Access(
        database,
        vault,
        settings,
        lambda: datetime.now(UTC),
        records.append,
        monotonic=lambda: time.monotonic() + ahead[0],
    )
    made = Door(access, issuer_url, records, ahead)
    made.control()
    yield made
    made.control()
    access.close()


# ── machines ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("alg", "kid"), [("RS256", "rsa-1"), ("ES256", "ec-1")])
def test_a_machine_comes_in_with_its_token(door: Door, alg: str, kid: str) -> None:
    who = door.enter(alg=alg, kid=kid)
    assert (who.id, who.roles, who.prisons, who.person) == (
        "client:switch",
        {Role.PHONE_SYSTEM},
        {"LEI"},
        False,
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 10**20},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": "a\nb"},
        {"sub": ["switch"]},
        {"alg": "none"},
        {"alg": "HS256"},
        {"kid": "unknown"},
        {"alg": "ES256", "kid": "rsa-9"},
        {"nonce": "a person's"},
    ],
    ids=str,
)
def test_a_token_that_is_not_right_lets_nobody_in_and_is_recorded(door: Door, asked: dict[str, Any]) -> None:
    try:
        token = door.token(**asked)
    except (httpx.HTTPError, ValueError):
        pytest.fail("the issuer did not make it")
    with pytest.raises(NotSignedInError):
        door.access.authenticate("POST", {"authorization": f"Bearer {token}"})
    (record,) = door.records
    assert (record.kind, record.actor, record.outcome) == (Kind.REFUSED, "nobody", "refused")


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c", "e30.e30.e30", "." * 20, "é.é.é", "x" * 20_000])
def test_what_is_no_token_lets_nobody_in(door: Door, token: str) -> None:
    with pytest.raises(NotSignedInError):
        door.access.authenticate("POST", {"authorization": f"Bearer {token}"})


def test_a_token_whose_signature_was_changed_lets_nobody_in(door: Door) -> None:
    head, claims, signature = door.token().split(".")
    flipped = ("A" if signature[5] != "A" else "B").join((signature[:5], signature[6:]))
    with pytest.raises(NotSignedInError):
        door.access.authenticate("POST", {"authorization": f"Bearer {head}.{claims}.{flipped}"})


def test_roles_that_nobody_knows_are_dropped_and_no_prison_is_no_entry(door: Door) -> None:
    roles = ["ROLE_NOCONTACT_MAILROOM", "ROLE_NOCONTACT_EMPEROR", "ROLE_ADMIN", 7]
    assert door.enter(authorities=roles).roles == {Role.MAILROOM}
    assert door.enter(authorities="ROLE_NOCONTACT_AUDITOR ROLE_X").roles == {Role.AUDITOR}
    with pytest.raises(NotAllowedError, match="no prison"):
        door.enter(caseloads=[])
    assert door.enter(caseloads=[], authorities=["ROLE_NOCONTACT_ALL_PRISONS"]).prisons == frozenset()


def test_the_first_use_of_a_token_is_a_sign_in(door: Door) -> None:
    token = {"authorization": f"Bearer {door.token()}"}
    for _ in range(3):
        door.access.authenticate("POST", token)
        door.ahead[0] += 10
    assert [(record.kind, record.actor, record.outcome) for record in door.records] == [
        (Kind.SIGN_IN, "client:switch", "accepted")
    ]


def test_a_new_key_of_the_issuer_is_picked_up(door: Door) -> None:
    door.enter()
    door.control(keys=2)
    door.ahead[0] += oidc.AGAIN
    assert door.enter(kid="rsa-2").id == "client:switch"


def test_made_up_keys_do_not_hammer_the_issuer(door: Door) -> None:
    door.enter()
    before = door.control()["jwks"]
    for number in range(20):
        with pytest.raises(NotSignedInError):
            door.enter(kid=f"made-up-{number}")
    assert door.control()["jwks"] <= before + 1


def test_while_the_issuer_is_away_known_keys_hold_for_an_hour(door: Door) -> None:
    token = {"authorization": f"Bearer {door.token(exp=int(time.time()) + 100_000)}"}
    door.access.authenticate("POST", token)
    door.control(down=True)
    door.ahead[0] += oidc.KEEP - 60
    assert door.access.authenticate("POST", token).id == "client:switch"
    door.ahead[0] += 120
    with pytest.raises(UnavailableError):
        door.access.authenticate("POST", token)


def test_an_issuer_that_was_never_reached_lets_nobody_in(door: Door) -> None:
    token = door.token()
    door.control(down=True)
    with pytest.raises(UnavailableError):
        door.access.authenticate("POST", {"authorization": f"Bearer {token}"})


def test_a_description_of_another_issuer_is_not_taken(door: Door) -> None:
    token = door.token()
    door.control(issuer="http://127.0.0.1:1")
    with pytest.raises(UnavailableError):
        door.access.authenticate("POST", {"authorization": f"Bearer {token}"})


def test_a_slow_issuer_holds_up_nobody_whose_key_is_known(door: Door) -> None:
    first, second = ({"authorization": f"Bearer {door.token(sub=name)}"} for name in ("one", "two"))
    door.enter()
    door.control(slow=2)
    door.ahead[0] += oidc.REFRESH
    reading = threading.Thread(target=door.access.authenticate, args=("POST", first))
    reading.start()
    time.sleep(0.3)
    began = time.monotonic()
    door.access.authenticate("POST", second)
    waited = time.monotonic() - began
    assert reading.is_alive(), "the slow reading was over before the other came"
    reading.join()
    assert waited < 1.5


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────


def away(door: Door, then: str = "/") -> tuple[dict[str, str], str, str]:
    """To the issuer and back: the browser's cookie, the code and the state."""
    departure, cookie = door.access.depart(then)
    back = httpx.get(departure.url, follow_redirects=False).headers["location"]
    assert back.startswith(PUBLIC + CALLBACK)
    found = parse_qs(urlsplit(back).query)
    return {"cookie": cookie.partition(";")[0]}, found["code"][0], found["state"][0]


def test_a_person_signs_in(door: Door) -> None:
    cookie, code, state = away(door, "/queue?which=mine")
    begun, cleared, then = door.access.arrive(code, state, cookie)
    assert then == "/queue?which=mine"
    who = begun.principal
    assert (who.id, who.name, who.person) == ("oidc:rita", "Rita Review", True)
    assert who.roles == {Role.REVIEWER}
    assert who.prisons == {"LEI"}
    assert "Max-Age=0" in cleared
    sessions = door.access.sessions
    assert door.access.signed_in({"cookie": f"{sessions.cookie}={begun.token}"}) is not None


def test_a_code_works_once(door: Door) -> None:
    cookie, code, state = away(door)
    door.access.arrive(code, state, cookie)
    with pytest.raises(NotSignedInError):
        door.access.arrive(code, state, cookie)


def test_who_did_not_begin_here_does_not_arrive(door: Door) -> None:
    cookie, code, state = away(door)
    other, _, _ = away(door)
    for headers, given in ((other, state), (cookie, "another"), ({}, state), ({"cookie": "x=y"}, state)):
        with pytest.raises(NotSignedInError):
            door.access.arrive(code, given, headers)


@pytest.mark.parametrize("wrong", [{"nonce": "another"}, {"azp": "another"}])
def test_an_identity_of_another_sign_in_is_refused(door: Door, wrong: dict[str, str]) -> None:
    cookie, code, state = away(door)
    door.control(**wrong)
    with pytest.raises(NotSignedInError):
        door.access.arrive(code, state, cookie)


def test_a_person_without_a_role_here_is_refused_and_it_is_recorded(door: Door) -> None:
    door.control(roles=["ROLE_SOMETHING_ELSE"])
    cookie, code, state = away(door)
    with pytest.raises(NotAllowedError):
        door.access.arrive(code, state, cookie)
    assert [record.outcome for record in door.records] == ["refused"]


def test_a_person_to_whom_the_issuer_gives_roles_that_may_not_meet_is_refused(door: Door) -> None:
    for roles, is_let_in in (
        ([f"ROLE_NOCONTACT_{role.name}" for role in Role], False),
        (["ROLE_NOCONTACT_AUDITOR", "ROLE_NOCONTACT_REVIEWER"], False),
        (["ROLE_NOCONTACT_CASE_OFFICER", "ROLE_NOCONTACT_REVIEWER"], True),
    ):
        door.control(roles=roles)
        cookie, code, state = away(door)
        if is_let_in:
            assert door.access.arrive(code, state, cookie)[0].principal.roles == {
                Role.CASE_OFFICER,
                Role.REVIEWER,
            }
        else:
            with pytest.raises(NotAllowedError, match="may not meet"):
                door.access.arrive(code, state, cookie)
    assert [record.outcome for record in door.records][:1] == ["refused"]


def test_without_a_public_address_nobody_is_sent_away(database: Database, vault: Vault) -> None:
    settings = Settings(oidc_issuer="https://issuer.example", oidc_client_id=CLIENT)
    with pytest.raises(ValueError, match="NOCONTACT_PUBLIC_URL"):
        Access(database, vault, settings, lambda: datetime.now(UTC), lambda record: None)


def test_an_issuer_in_plain_http_is_not_trusted(database: Database, vault: Vault) -> None:
    settings = Settings(oidc_issuer="http://issuer.example")
    with pytest.raises(ValueError, match="https"):
        Access(database, vault, settings, lambda: datetime.now(UTC), lambda record: None)


def test_without_an_issuer_for_people_there_is_no_such_sign_in(database: Database, vault: Vault) -> None:
    access = Access(database, vault, Settings(), lambda: datetime.now(UTC), lambda record: None)
    with pytest.raises(NotFoundError):
        access.depart()
    access.close()
