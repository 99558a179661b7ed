"""Signing in at the console: with a password, and nobody without."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.access.model import Principal, Role
from service.console import signing_in
from tests.service.console.conftest import Console


def test_nobody_sees_a_page_without_signing_in(console: Console) -> None:
    for path in ("/", "/password", "/nothing"):
        answer = console.stranger().get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].partition("?")[0] == "/sign-in"


def test_the_first_administrator_changes_the_password_and_begins(console: Console) -> None:
    password = console.system.access.make_first_admin()
    client = console.stranger()
    answer = client.post("/sign-in", data={"name": "admin", "password": password}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/password")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert "SameSite=Strict" in cookie
    client.headers["cookie"] = cookie.partition(";")[0]
    page = client.get("/password")
    csrf = page.text.split('name="csrf" value="')[1].partition('"')[0]
    fields = {"csrf": csrf, "old": password, "new": "four odd words together"}
    answer = client.post("/password", data=fields, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] != "/password"


def test_a_wrong_password_says_no_more_than_that(console: Console) -> None:
    answer = console.stranger().post("/sign-in", data={"name": "<i>admin", "password": "wrong"})
    assert answer.status_code == 401
    assert "Wrong name or password" in answer.text
    assert "<i>admin" not in answer.text


def test_a_form_without_the_sessions_token_does_nothing(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    answer = visitor.client.post("/sign-out", data={"csrf": "another"}, follow_redirects=False)
    assert answer.status_code == 403
    assert visitor.get("/nothing").status_code == 200


def test_signing_out_ends_the_session(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    assert visitor.post("/sign-out").headers["location"] == "/sign-in"
    assert visitor.get("/nothing").headers["location"].startswith("/sign-in")


def test_a_form_that_is_too_long_or_no_form_is_refused(console: Console) -> None:
    client = console.stranger()
    assert client.post("/sign-in", content=b"x" * 70_000).status_code == 413
    assert client.post("/sign-in", content=b"\xff\xfe").status_code == 400


def test_a_page_may_load_from_this_service_alone(console: Console) -> None:
    headers = console.stranger().get("/sign-in").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_no_path_leads_out_of_the_assets(console: Console) -> None:
    client = console.stranger()
    assert client.get("/assets/console.css").status_code == 200
    for name in ("..%2fpage.py", "%2e%2e/page.py", ".hidden", "page.py"):
        assert client.get(f"/assets/{name}").status_code == 404


def test_the_sign_in_leads_on_to_the_page_that_was_asked_for(console: Console) -> None:
    asked = console.stranger().get("/cases?which=mine", follow_redirects=False)
    assert asked.headers["location"] == "/sign-in?then=%2Fcases%3Fwhich%3Dmine"
    assert 'name="then" value="/cases?which=mine"' in console.stranger().get(asked.headers["location"]).text


def test_the_sign_in_through_an_issuer_leads_on_too(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_in, "_issuer", lambda request: True)
    page = console.stranger().get("/sign-in?then=%2Fcases%3Fwhich%3Dmine").text
    assert 'href="/v1/session/oidc/start?then=/cases%3Fwhich%3Dmine"' in page
    system, who = console.system, Principal("oidc:rita", frozenset({Role.REVIEWER}), person=True)
    for then, leads in (
        ("/queue?which=mine&code=X", "/queue?which=mine&amp;code=X"),
        ("//evil.example", "/"),
    ):
        with system.database.write() as connection:
            begun = system.access.sessions.begin_for_subject(connection, who, "rita")
        came = (begun, "journey=; Max-Age=0", then)
        monkeypatch.setattr(system.access, "arrive", lambda *given, came=came: came)
        answer = console.stranger().get("/v1/session/oidc/callback?code=c&state=s")
        assert answer.status_code == 200  # a redirect would bring no strict cookie with it
        assert f'content="0; url={leads}"' in answer.text
        assert begun.token in answer.headers["set-cookie"]


def test_a_form_that_came_after_the_end_of_the_session_leads_back_to_its_page(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    console.clock.ahead = timedelta(hours=13)
    came = {"referer": "http://localhost/try"}
    answer = visitor.client.post("/try", data={"csrf": visitor.csrf}, headers=came, follow_redirects=False)
    assert answer.headers["location"] == "/sign-in?ended=form&then=%2Ftry"
    assert "nothing of it was kept" in visitor.get(answer.headers["location"]).text


def test_whoever_stays_is_told_for_how_long(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    found = visitor.get("/session").json()
    idle = console.system.settings.session_minutes * 60
    assert idle - 60 < found["seconds"] <= idle
    assert found["csrf"] == visitor.csrf
    assert 'data-session="' in visitor.get("/help").text


def test_a_password_change_says_at_each_field_what_is_missing(console: Console) -> None:
    password = console.system.access.make_first_admin()
    client = console.stranger()
    answer = client.post("/sign-in", data={"name": "admin", "password": password}, follow_redirects=False)
    client.headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]
    csrf = client.get("/password").text.split('name="csrf" value="')[1].partition('"')[0]
    page = client.post("/password", data={"csrf": csrf})
    assert page.status_code == 422
    assert 'id="old-error"' in page.text
    assert 'id="new-error"' in page.text
