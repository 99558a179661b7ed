"""Somebody types wrong passwords for another's account, from one address or many, to keep her out."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.service.running import Service, service_in

OWNER, STRANGER = "203.0.113.7", "198.51.100.1"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service_in(tmp_path_factory.mktemp("service"), NOCONTACT_ACCOUNT_TRIES="20") as running:
        running.admin()
        yield running


def sign_in(service: Service, password: str, address: str, device: str = "") -> httpx.Response:
    headers = {"x-forwarded-for": address} | ({"cookie": device} if device else {})
    return httpx.post(
        f"{service.url}/v1/session", json={"name": "admin", "password": password}, headers=headers, timeout=30
    )


def test_the_place_is_kept_out_and_the_owner_is_not_but_is_told(service: Service) -> None:
    for _ in range(7):
        assert sign_in(service, "wrong as ever", STRANGER).status_code == 401
    assert sign_in(service, service.password, STRANGER).status_code == 401
    first = sign_in(service, service.password, OWNER)
    assert (first.status_code, first.json()["wrong_passwords"]) == (200, 5)
    assert sign_in(service, service.password, OWNER).json()["wrong_passwords"] == 0


def test_the_page_tells_her_before_anything_else(service: Service) -> None:
    assert sign_in(service, "wrong as ever", "198.51.104.1").status_code == 401
    form = {"name": "admin", "password": service.password}
    page = httpx.post(f"{service.url}/sign-in", data=form, headers={"x-forwarded-for": OWNER})
    assert (page.status_code, "Wrong passwords were tried" in page.text) == (200, True)
    page = httpx.post(f"{service.url}/sign-in", data=form, headers={"x-forwarded-for": OWNER})
    assert page.status_code == 303


def test_from_many_addresses_the_browser_that_she_uses_lets_her_in_still(service: Service) -> None:
    begun = sign_in(service, service.password, OWNER)
    cookies = begun.headers.get_list("set-cookie")
    device = next(one for one in cookies if "nocontact-known" in one).partition(";")[0]
    assert "admin" not in device
    for number in range(24):
        assert sign_in(service, "wrong as ever", f"198.51.101.{number}").status_code == 401
    assert sign_in(service, service.password, "198.51.102.1").status_code == 401
    forged = device[:-1] + ("0" if device[-1] != "0" else "1")
    assert sign_in(service, service.password, "198.51.102.1", forged).status_code == 401
    again = sign_in(service, service.password, "198.51.102.1", device)
    assert (again.status_code, again.json()["wrong_passwords"] >= 20) == (200, True)


def test_a_name_after_another_does_not_help_either(service: Service) -> None:
    statuses = []
    for number in range(12):
        headers = {"x-forwarded-for": "198.51.103.1"}
        body = {"name": f"nobody{number}", "password": "wrong as ever"}
        answer = httpx.post(f"{service.url}/v1/session", json=body, headers=headers, timeout=30)
        statuses.append(answer.status_code)
    assert statuses[:9] == [401] * 9
    assert statuses[-1] == 429
    form = {"name": "nobody", "password": "wrong as ever"}
    page = httpx.post(f"{service.url}/sign-in", data=form, headers=headers, timeout=30)
    assert (page.status_code, "again in" in page.text) == (429, True)
