"""The ledger, accounts and keys, the policy, and trying: who sees them, and what their forms do."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from engine.model import ProtectedPerson
from service.access.model import RIGHTS, Principal, Right, Role
from service.console import ledger as ledger_pages
from service.errors import UnavailableError
from service.ledger import search
from service.ledger.record import Kind, Record, ledger
from tests.service.console.conftest import NUMBER, OFFICER, PRISONER, Console

MARKUP = "<b>Tallantyre</b>"
ADMIN = Principal("user:root", frozenset({Role.ADMIN}), person=True)

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


def records(console: Console, **wanted: object) -> list[search.Row]:
    with console.system.database.read() as connection:
        return search.search(connection, **wanted)  # type: ignore[arg-type]


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


# The ledger


def test_the_ledger_is_searched_by_each_of_its_fields(console: Console) -> None:
    console.restrict()
    seq = console.attempt()
    auditor = console.visitor(Role.AUDITOR)
    today = console.clock().date()
    for query in (
        "kind=decision",
        "actor=key:switch",
        f"prisoner={PRISONER.lower()}",
        "establishment=lei",
        "outcome=block",
        "code=RESTRICTED_NUMBER",
        f"from={today - timedelta(days=1)}&to={today + timedelta(days=1)}",
        f"kind=decision&subject={records(console, kind=Kind.DECISION)[0].subject}",
    ):
        page = auditor.get(f"/ledger?{query}")
        assert page.status_code == 200
        assert f'href="/ledger/{seq}"' in page.text, query
    for query in ("kind=sign_out", "actor=nobody", "outcome=allow", "code=HOUSEHOLD", "to=2020-01-01"):
        assert "No record meets all of that" in auditor.get(f"/ledger?{query}").text, query


@pytest.mark.parametrize(
    "query",
    [
        "kind=<b>",
        "prisoner=1",
        "establishment=LEEDS",
        "outcome=A B",
        "code=a",
        "from=yesterday",
        "to=9999-12-31",
    ],
)
def test_a_field_of_the_search_that_cannot_be_used_is_named(console: Console, query: str) -> None:
    page = console.visitor(Role.AUDITOR).get("/ledger", params=httpx.QueryParams(query))
    assert page.status_code == 422
    assert "There is a problem" in page.text
    target = re.search(r'error-summary.*?href="#([a-z-]+)"', page.text, re.DOTALL)
    assert target is not None
    assert f'id="{target[1]}"' in page.text
    assert "<b>" not in page.text


def test_the_ledger_is_paged_by_number(console: Console) -> None:
    for count in range(55):
        console.system.access.refused(ADMIN, Right.REVIEW, f"/word{'x' * (count % 20)}/{'y' * (count // 20)}")
    auditor = console.visitor(Role.AUDITOR)
    first = auditor.get("/ledger?kind=refused").text
    following = re.search(r'rel="next" href="/ledger\?([^"]+)"', first)
    assert following is not None
    second = auditor.get(f"/ledger?{following[1].replace('&amp;', '&')}").text
    shown = [re.findall(r'href="/ledger/(\d+)"', page) for page in (first, second)]
    assert [len(one) for one in shown] == [50, 5]
    assert not set(shown[0]) & set(shown[1])


def test_a_number_leads_to_its_record(console: Console) -> None:
    auditor = console.visitor(Role.AUDITOR)
    assert auditor.get("/ledger?seq=1").headers["location"] == "/ledger/1"
    assert auditor.get("/ledger?seq=one").status_code == 422
    assert auditor.get("/ledger/999").status_code == 404
    assert auditor.get("/ledger/0").status_code == 422


def test_staff_of_one_prison_see_its_records_alone(console: Console) -> None:
    console.restrict()
    leeds, moorland = console.attempt(), console.attempt("C2", establishment="MDI")
    auditor = console.visitor(Role.AUDITOR, prisons=("MDI",))
    page = auditor.get("/ledger").text
    assert f'href="/ledger/{moorland}"' in page
    assert f'href="/ledger/{leeds}"' not in page
    assert auditor.get(f"/ledger/{moorland}").status_code == 200
    assert auditor.get(f"/ledger/{leeds}").status_code == 404


def test_a_record_is_shown_with_its_hashes_and_its_proof_and_nothing_that_is_sealed(console: Console) -> None:
    console.restrict()
    seq = console.attempt()
    page = console.visitor(Role.AUDITOR).get(f"/ledger/{seq}").text
    row, before = records(console, before_seq=seq + 1, limit=2)
    assert row.hash.hex() in page
    assert before.hash.hex() in page
    assert "This record verifies" in page
    assert "Restricted number" in page
    for hidden in (NUMBER, NUMBER.replace(" ", ""), "Tallantyre"):
        assert hidden not in page


def test_a_changed_record_does_not_verify_and_says_so(console: Console) -> None:
    console.restrict()
    seq = console.attempt()
    with console.system.database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == seq).values(actor=MARKUP))
    auditor = console.visitor(Role.AUDITOR)
    page = auditor.get(f"/ledger/{seq}").text
    assert "This record does not verify" in page
    assert "it was changed" in page
    assert MARKUP not in page
    assert "&lt;b&gt;Tallantyre" in page
    assert MARKUP not in auditor.get("/ledger").text
    whole = auditor.post("/ledger/verify").text
    assert "It does not verify" in whole
    assert f'href="/ledger/{seq}"' in whole


def test_the_whole_ledger_is_verified(console: Console) -> None:
    console.restrict()
    console.attempt()
    page = console.visitor(Role.AUDITOR).post("/ledger/verify")
    assert page.status_code == 200
    assert "It verifies" in page.text


def test_a_ledger_that_is_too_long_for_a_page_is_left_to_the_command(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_pages, "MOST_VERIFIED", 0)
    page = console.visitor(Role.AUDITOR).post("/ledger/verify").text
    assert "nocontact verify" in page
    assert "Too long for a page" in page


# Trying


def tried(console: Console, *roles: Role, **fields: str) -> httpx.Response:
    """A try by somebody who gives a reason, unless the fields say otherwise."""
    given = {
        "channel": "call",
        "to": NUMBER,
        "prisoner": PRISONER,
        "establishment": "LEI",
        "why": "a complaint",
    }
    visitor = console.visitor(*(roles or (Role.CASE_OFFICER,)), name="asker")
    return visitor.post("/try", **{**given, **fields})


def test_a_try_shows_the_answer_what_was_read_and_what_differs(console: Console) -> None:
    console.restrict()
    page = tried(console, to="141 07700 900124").text
    assert 'nc-verdict--flag"><span aria-hidden="true">▲</span> Flag' in page
    assert "+447700900124" in page
    assert "07700 90012<mark>4</mark>" in page
    assert "07700 90012<mark>3</mark>" in page
    assert "dialling code 141 removed" in page
    assert 'role="img" aria-label="Score' in page


def test_a_try_of_an_address_shows_its_fields_and_its_score_beside_the_threshold(console: Console) -> None:
    console.restrict()
    page = tried(
        console, channel="letter", to="R Tallantyre\r\n14 Larkmead Street\r\nAmbermouth\r\nQB1 4AB"
    ).text
    assert "■</span> Block" in page
    for field in ("Street", "Postcode", "LARKMEAD STREET", "QB1 4AB"):
        assert field in page
    assert re.search(r'aria-label="Score [01]\.\d\d, threshold 0\.40"', page)


def test_a_try_of_an_email_address_shows_it_as_read(console: Console) -> None:
    console.restrict()
    page = tried(console, channel="message", to="Someone@Example.ORG").text
    assert "E-mail address" in page
    assert "someone@example.org" in page
    assert "Nothing on the blocklist has to do with it" in page


def test_a_try_takes_the_prison_where_the_prisoner_is(console: Console) -> None:
    console.system.registry.prisoners.move(OFFICER, PRISONER, "MDI")
    console.system.registry.start()
    tried(console, establishment="")
    assert records(console, kind=Kind.VIEW)[0].establishment == "MDI"


def test_a_try_is_a_view_in_the_ledger_and_no_attempt(console: Console) -> None:
    console.restrict()
    tried(console, body="meet me <b>soon</b>")
    assert records(console, kind=Kind.DECISION) == []
    view = records(console, kind=Kind.VIEW)[0]
    assert (view.actor, view.subject, view.outcome) == ("oidc:asker", "try", "tried")
    assert view.codes == "RESTRICTED_NUMBER"
    assert (view.prisoner, view.detail) == (PRISONER, b"{}")
    assert console.system.vault.open(view.sealed, "ledger/try") == b"a complaint"
    with console.system.database.read() as connection:
        row = connection.execute(select(ledger).where(ledger.c.seq == view.seq)).one()
    for hidden in ("900123", "soon", "complaint", "Tallantyre"):
        assert hidden not in str(row._asdict())


def test_nothing_is_shown_that_could_not_be_recorded(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.restrict()

    def fail(record: object) -> None:
        raise UnavailableError("the ledger cannot be written")

    monkeypatch.setattr(console.system.ledger, "write_now", fail)
    page = tried(console, to="07700 900124")
    assert page.status_code == 503
    assert "900123" not in page.text
    assert "nc-verdict" not in page.text


@pytest.mark.parametrize(("role", "why"), [(Role.MAILROOM, "a complaint"), (Role.REVIEWER, "")])
def test_without_the_right_or_without_a_reason_what_is_listed_stays_hidden(
    console: Console, role: Role, why: str
) -> None:
    console.restrict()
    for fields in (
        {"to": "07700 900124"},
        {"channel": "letter", "to": "Some Body\n14 Larkmead Stret"},
        {"channel": "message", "to": "07700 900999", "body": "ask Rhoswen to ring"},
    ):
        page = tried(console, role, why=why, **fields).text
        assert "Hidden" in page, fields
        for hidden in ("900123", "Tallantyre", "QB1", "Ambermouth", "<mark>"):
            assert hidden not in page, fields


def test_with_both_it_is_shown_and_markup_in_it_is_text(console: Console) -> None:
    listed = ProtectedPerson(name="Rhoswen Tallantyre <b>&amp;</b>")
    console.restrict(protected=listed)
    page = tried(console, channel="letter", to="Rhoswen Tallantyre\n3 Other Road\nElsewhere ZE1 0AA").text
    shown = re.sub("</?mark>", "", page)
    assert "Rhoswen Tallantyre &lt;b&gt;&amp;amp;&lt;/b&gt;" in shown
    assert "<b>" not in shown


def test_whatever_is_typed_comes_back_as_text(console: Console) -> None:
    nasty = '"><script>alert(1)</script>'
    page = tried(console, to=nasty, body=nasty, why=nasty)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    refused = tried(console, channel=nasty, prisoner=nasty, establishment=nasty, to=nasty)
    assert refused.status_code == 422
    assert "<script>alert" not in refused.text


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"channel": ""}, "channel"),
        ({"to": ""}, "to"),
        ({"to": "1" * 20_000}, "to"),
        ({"prisoner": ""}, "prisoner"),
        ({"prisoner": "nobody"}, "prisoner"),
        ({"establishment": "Leeds"}, "establishment"),
        ({"why": "x" * 600}, "why"),
    ],
)
def test_a_try_that_cannot_be_used_names_the_field_and_is_not_recorded(
    console: Console, fields: dict[str, str], place: str
) -> None:
    page = tried(console, **fields)
    assert page.status_code == 422
    assert f'href="#{place}"' in page.text
    assert f'id="{place}"' in page.text
    assert records(console, kind=Kind.VIEW) == []


def test_staff_of_one_prison_try_for_that_prison_alone(console: Console) -> None:
    console.restrict()
    visitor = console.visitor(Role.REVIEWER, prisons=("MDI",))
    given = {"channel": "call", "to": NUMBER, "prisoner": PRISONER}
    for establishment, status in (("LEI", 403), ("", 403), ("MDI", 200)):
        assert visitor.post("/try", establishment=establishment, **given).status_code == status


# Accounts and keys

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


# The policy


def put_in_force(console: Console, policy: str, subject: str = "blocklist") -> int:
    """A record that a list came into force under this policy."""
    record = Record(at=console.clock(), kind=Kind.SYSTEM, actor="system", subject=subject, policy=policy)
    return console.system.ledger.write_now(record).seq


def test_the_policy_shows_every_reason_class_and_action_with_its_word(console: Console) -> None:
    page = console.visitor(Role.MAILROOM).get("/policy").text
    policy = console.system.current.policy
    text = html.unescape(re.sub(r"<[^>]+>", " ", page))
    for code, decision in {**policy.reasons, **policy.number_class}.items():
        name = code.replace("_", " ").capitalize()
        assert re.search(rf"{re.escape(name)}\s+\S\s+{decision.capitalize()}", text), code
    for channel, actions in policy.action.items():
        words = [actions[one].replace("_", " ").capitalize() for one in ("allow", "flag", "block")]
        assert re.search(r"\s+".join([channel.capitalize(), *words]), text), channel
    for value in (policy.address.block, policy.person.own_name_score, policy.blocklist.stale_after_hours):
        assert f">{value:g}" in page or f">{value}" in page


def test_the_policys_history_tells_each_change_once_and_a_return_again(console: Console) -> None:
    real = console.system.current.policy.version
    seqs = {name: put_in_force(console, name) for name in ("one", "two<b>")}
    put_in_force(console, "two<b>")
    put_in_force(console, "elsewhere", subject="service")
    put_in_force(console, "one")
    page = console.visitor(Role.AUDITOR).get("/policy").text
    versions = re.findall(r'nc-timeline__title nc-breaks">([^<]+)<', page)
    assert versions == ["one", "two&lt;b&gt;", "one", real]
    assert f'href="/ledger/{seqs["one"]}"' in page
    assert "<b>" not in page


def test_only_who_may_read_the_ledger_is_led_to_its_records(console: Console) -> None:
    put_in_force(console, "one")
    assert 'href="/ledger/' not in console.visitor(Role.MAILROOM).get("/policy").text


def test_the_policys_history_is_paged(console: Console) -> None:
    for count in range(51):
        put_in_force(console, f"v{count}")
    visitor = console.visitor(Role.ADMIN)
    following = re.search(r'rel="next" href="([^"]+)"', visitor.get("/policy").text)
    assert following is not None
    older = visitor.get(following[1]).text
    assert "v1<" not in older
    assert "v0<" in older
    assert visitor.get("/policy?before=x").status_code == 422
