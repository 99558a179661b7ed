"""Accounts and keys: who sees them, and what their forms do."""

from __future__ import annotations

import re

import httpx
import pytest

from service.access.model import RIGHTS, Right, Role
from tests.service.console.conftest import Console
from tests.service.console.looking import ADMIN, records

PAGES = {
    "/ledger": Right.SEE_LEDGER,
    "/ledger/1": Right.SEE_LEDGER,
    "/try": Right.SEE_REASONS,
    "/policy": Right.SEE_STATUS,
    "/accounts": Right.MANAGE_ACCESS,
    "/accounts/new": Right.MANAGE_ACCESS,
    "/accounts/keys": Right.MANAGE_ACCESS,
    "/accounts/keys/new": Right.MANAGE_ACCESS,
}
"""Every page, with the right that it needs."""


def heading(answer: httpx.Response) -> str:
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    assert len(found) == 1, "one h1 on each page"
    return str(found[0]).strip()


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_for_those_with_its_right_alone(console: Console, path: str) -> None:
    for role in Role:
        answer = console.visitor(role, name=role.value).get(path)
        may = PAGES[path] in RIGHTS[role]
        assert answer.status_code == (200 if may else 403), role
        if may:
            heading(answer)
            assert "<script>" not in answer.text.replace("<script>document.body", "")
            assert "style=" not in answer.text


def test_a_form_without_the_sessions_token_is_refused(console: Console) -> None:
    visitor = console.visitor(Role.ADMIN)
    assert visitor.client.post("/ledger/verify", data={"csrf": "another"}).status_code == 403


GRANTS = {"role-reviewer": "on", "which": "some", "prisons": "lei, mdi"}


def secret_in(answer: httpx.Response) -> str:
    found = re.search(r'id="secret">([^<]+)<', answer.text)
    assert found is not None
    return found[1]


def test_a_new_account_signs_in_with_the_password_that_is_shown_once(console: Console) -> None:
    admin = console.visitor(Role.ADMIN)
    made = admin.post("/accounts/new", name="JSmith", shown="J <b>Smith</b>", **GRANTS)
    assert made.status_code == 200
    password = secret_in(made)
    account = console.system.access.accounts.get("jsmith")
    assert account.roles == {Role.REVIEWER}
    assert account.prisons == {"LEI", "MDI"}
    assert account.must_change_password
    answer = console.stranger().post(
        "/sign-in", data={"name": "jsmith", "password": password}, follow_redirects=False
    )
    assert answer.headers["location"] == "/password"
    for path in ("/accounts", "/accounts/view/jsmith"):
        page = admin.get(path).text
        assert password not in page
        assert "<b>Smith" not in page
        assert "J &lt;b&gt;Smith" in page
    assert records(console, subject="account/jsmith", outcome="created")[0].actor == admin.id


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"name": "a b"}, "name"),
        ({"name": ""}, "name"),
        ({"shown": ""}, "shown"),
        ({"role-reviewer": ""}, "role-1"),
        ({"which": ""}, "which-every"),
        ({"which": "some", "prisons": ""}, "prisons"),
        ({"prisons": "Leeds"}, "prisons"),
    ],
)
def test_an_account_that_cannot_be_made_names_the_field(
    console: Console, fields: dict[str, str], place: str
) -> None:
    given = {"name": "jsmith", "shown": "J Smith", **GRANTS, **fields}
    given = {name: value for name, value in given.items() if value or name in ("name", "shown", "prisons")}
    page = console.visitor(Role.ADMIN).post("/accounts/new", **given)
    assert page.status_code == 422
    assert f'href="#{place}"' in page.text
    assert f'id="{place}"' in page.text
    assert console.system.access.accounts.list() == []


def test_a_name_that_was_used_is_refused_and_the_form_keeps_what_was_typed(console: Console) -> None:
    admin = console.visitor(Role.ADMIN)
    admin.post("/accounts/new", name="jsmith", shown="J Smith", **GRANTS)
    again = admin.post("/accounts/new", name="jsmith", shown="<i>Another</i>", **GRANTS)
    assert again.status_code == 409
    assert "There is, or was, an account of this name" in again.text
    assert 'value="&lt;i&gt;Another&lt;/i&gt;"' in again.text
    assert re.search(r'name="role-reviewer"[^>]* checked', again.text)


def test_an_account_is_changed_disabled_enabled_and_its_password_reset(console: Console) -> None:
    admin = console.visitor(Role.ADMIN)
    accounts = console.system.access.accounts
    first = secret_in(admin.post("/accounts/new", name="jsmith", shown="J Smith", **GRANTS))
    view = "/accounts/view/jsmith"
    changed = admin.post(f"{view}/change", shown="Jo Smith", **{"role-auditor": "on", "which": "every"})
    assert changed.headers["location"] == f"{view}?done=changed"
    assert "The account is changed" in admin.get(changed.headers["location"]).text
    account = accounts.get("jsmith")
    assert account.shown == "Jo Smith"
    assert account.roles == {Role.AUDITOR}
    assert not account.prisons
    assert admin.post(f"{view}/disable").status_code == 303
    assert accounts.get("jsmith").state == "disabled"
    assert admin.post(f"{view}/enable").status_code == 303
    assert accounts.get("jsmith").state == "active"
    second = secret_in(admin.post(f"{view}/reset"))
    assert second != first
    assert console.stranger().post("/sign-in", data={"name": "jsmith", "password": first}).status_code == 401


def test_a_change_without_a_role_is_refused_and_nothing_changes(console: Console) -> None:
    admin = console.visitor(Role.ADMIN)
    admin.post("/accounts/new", name="jsmith", shown="J Smith", **GRANTS)
    page = admin.post("/accounts/view/jsmith/change", shown="J Smith", which="every")
    assert page.status_code == 422
    assert "Choose at least one role" in page.text
    assert console.system.access.accounts.get("jsmith").roles == {Role.REVIEWER}


def test_the_last_admin_and_ones_own_account_stay(console: Console) -> None:
    password = console.system.access.make_first_admin()
    page = console.visitor(Role.ADMIN).post("/accounts/view/admin/disable")
    assert page.status_code == 409
    assert "This is the last admin" in page.text
    client = console.stranger()
    begun = client.post("/sign-in", data={"name": "admin", "password": password}, follow_redirects=False)
    client.headers["cookie"] = begun.headers["set-cookie"].partition(";")[0]
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/password").text)
    assert csrf is not None
    fields = {"csrf": csrf[1], "old": password, "new": "four odd words together"}
    begun = client.post("/password", data=fields, follow_redirects=False)
    client.headers["cookie"] = begun.headers["set-cookie"].partition(";")[0]
    own = client.get("/accounts/view/admin")
    assert own.status_code == 200
    assert "This is your own account" in own.text
    assert "/disable" not in own.text
    csrf = re.search(r'name="csrf" value="([^"]+)"', own.text)
    assert csrf is not None
    refused = client.post("/accounts/view/admin/reset", data={"csrf": csrf[1]})
    assert refused.status_code == 403
    assert 'id="secret"' not in refused.text


def test_a_new_key_is_let_in_until_it_is_revoked(console: Console) -> None:
    admin = console.visitor(Role.ADMIN)
    fields = {"role-auditor": "on", "which": "every", "label": "<b>audit</b>", "days": "30"}
    made = admin.post("/accounts/keys/new", id="Audit-1", **fields)
    assert made.status_code == 200
    bearer = {"authorization": f"Bearer {secret_in(made)}"}
    assert console.stranger().get("/v1/ledger", headers=bearer).status_code == 200
    page = admin.get("/accounts/keys").text
    assert "&lt;b&gt;audit" in page
    assert "<b>audit" not in page
    assert "nck_" not in page
    assert "/accounts/keys/revoke/audit-1" in page
    assert console.stranger().get("/v1/ledger", headers=bearer).status_code == 200
    assert "Revoke the key audit-1?" in admin.get("/accounts/keys/revoke/audit-1").text
    assert admin.post("/accounts/keys/revoke/audit-1").headers["location"] == "/accounts/keys?done=revoked"
    assert console.stranger().get("/v1/ledger", headers=bearer).status_code == 401
    assert "Revoked" in admin.get("/accounts/keys").text
    assert admin.get("/accounts/keys/revoke/audit-1").status_code == 404


@pytest.mark.parametrize(
    ("fields", "place", "status"),
    [
        ({"id": "a_b"}, "id", 422),
        ({"days": "0"}, "days", 422),
        ({"days": "a year"}, "days", 422),
        ({"role-admin": "on"}, "id", 403),
        ({"label": "x" * 101}, "label", 422),
    ],
)
def test_a_key_that_cannot_be_made_names_the_field(
    console: Console, fields: dict[str, str], place: str, status: int
) -> None:
    given = {"id": "audit-1", "days": "30", **GRANTS, **fields}
    page = console.visitor(Role.ADMIN).post("/accounts/keys/new", **given)
    assert page.status_code == status
    assert f'href="#{place}"' in page.text
    assert console.system.access.keys.list() == []


def test_accounts_and_keys_are_paged(console: Console) -> None:
    for count in range(51):
        console.system.access.keys.create(ADMIN, f"key-{count:02}", {Role.AUDITOR}, ())
    admin = console.visitor(Role.ADMIN)
    first, second = admin.get("/accounts/keys").text, admin.get("/accounts/keys?page=2").text
    assert 'rel="next" href="/accounts/keys?page=2"' in first
    assert "key-49<" in first
    assert "key-50<" not in first
    assert "key-50<" in second
    assert admin.get("/accounts/keys?page=3").status_code == 404
    assert admin.get("/accounts/keys?page=x").status_code == 422
    assert admin.get("/accounts?page=1").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/new",
        "/accounts/view/jsmith/change",
        "/accounts/view/jsmith/disable",
        "/accounts/view/jsmith/enable",
        "/accounts/view/jsmith/reset",
        "/accounts/keys/new",
        "/accounts/keys/revoke/k1",
        "/ledger/verify",
        "/try",
    ],
)
def test_no_form_does_anything_for_those_without_the_right(console: Console, path: str) -> None:
    needed = Right.SEE_REASONS if path == "/try" else PAGES["/" + path.split("/")[1]]
    for role in Role:
        if needed not in RIGHTS[role]:
            assert console.visitor(role, name=role.value).post(path).status_code == 403, role
    assert console.visitor(Role.ADMIN).client.post(path, data={"csrf": "another"}).status_code == 403


def test_an_account_that_is_not_there_is_not_found(console: Console) -> None:
    admin = console.visitor(Role.ADMIN)
    assert admin.get("/accounts/view/nobody").status_code == 404
    assert admin.post("/accounts/view/nobody/disable").status_code == 404
    assert admin.get("/accounts/view/No%20Body").status_code == 422
    assert admin.post("/accounts/keys/revoke/nothing").status_code == 404
