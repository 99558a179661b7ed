"""A policy is tried on what went out, asked for by one and confirmed by another, or runs as a shadow."""

from __future__ import annotations

import html
import re
from importlib.resources import files

import msgspec
import pytest
from sqlalchemy import delete

from engine.policy import read_policy
from service.access.model import Principal, Role
from service.blocklist.backtesting import backtest
from service.errors import ConflictError, InvalidError, NotAllowedError
from service.ledger import search
from service.registry.policies import Mode
from service.registry.tables import policy_version
from service.storage import rows
from tests.service.console.conftest import Console
from tests.service.registry.listings import confirmed

ADA = Principal("oidc:ada", frozenset({Role.ADMIN}), person=True)
BEN = Principal("oidc:ben", frozenset({Role.ADMIN}), person=True)
POLICY = files("engine").joinpath("policy.toml").read_text(encoding="utf-8")
OLD = 'NEAR_NUMBER = "flag"'
STRICT = POLICY.replace(OLD, 'NEAR_NUMBER = "block"')


def test_the_change_is_one() -> None:
    assert POLICY.count(OLD) == 1


def confirm(console: Console, text: str, mode: Mode = Mode.LIVE) -> None:
    registry = console.system.registry
    asked = registry.policies.propose(ADA, text, mode, "too many were let through")
    confirmed(registry, BEN, asked.id)
    console.system.current.refresh()


def detail(console: Console, seq: int) -> dict[str, object]:
    with console.system.database.read() as connection:
        row = search.read(connection, seq)
    return {**msgspec.json.decode(row.detail), "outcome": row.outcome, "policy": row.policy}


def test_a_confirmed_policy_decides_and_stands_in_the_ledger(console: Console) -> None:
    console.restrict()
    assert detail(console, console.flag("before"))["outcome"] == "flag"
    confirm(console, STRICT)
    after = detail(console, console.flag("after"))
    version = read_policy(STRICT.encode()).version
    assert (after["outcome"], after["policy"]) == ("block", version)
    with console.system.database.read() as connection:
        (last,) = search.search(connection, subject="blocklist", limit=1)
    assert last.policy == version


def test_it_still_decides_after_a_start(console: Console) -> None:
    console.restrict()
    confirm(console, STRICT)
    current = console.system.current
    current.screener, current.policy = None, read_policy()
    current.refresh()
    assert current.policy.version == read_policy(STRICT.encode()).version


def test_nobody_puts_a_policy_in_force_alone_or_over_another(console: Console) -> None:
    policies, approvals = console.system.registry.policies, console.system.registry.approvals
    asked = policies.propose(ADA, STRICT, Mode.LIVE, "first")
    with pytest.raises(NotAllowedError):
        approvals.confirm(ADA, asked.id)
    with pytest.raises(ConflictError, match="open its details first"):
        approvals.confirm(BEN, asked.id)
    confirmed(console.system.registry, BEN, asked.id)
    with pytest.raises(NotAllowedError):
        policies.propose(Principal("oidc:x", frozenset({Role.REVIEWER}), person=True), POLICY, Mode.LIVE, "x")
    late = policies.propose(ADA, POLICY, Mode.LIVE, "back")
    confirmed(console.system.registry, BEN, late.id)
    with pytest.raises(ConflictError):
        approvals.confirm(BEN, late.id)


@pytest.mark.parametrize(
    "text", ["", "nonsense", POLICY.replace('UNUSABLE_NUMBER = "block"', 'UNUSABLE_NUMBER = "allow"')]
)
def test_a_policy_that_cannot_be_used_is_refused(console: Console, text: str) -> None:
    with pytest.raises(InvalidError):
        console.system.registry.policies.propose(ADA, text, Mode.LIVE, "x")


def kept_from_before(console: Console, mode: Mode) -> None:
    """A policy that an earlier version took: it lets through what is blocked."""
    opened = POLICY.replace('RESTRICTED_NUMBER = "block"', 'RESTRICTED_NUMBER = "allow"')
    journal = console.system.registry.journal
    with journal.write() as connection:
        (seq,) = journal.append(connection, [journal.record("a", f"policy/{mode}", "in_force")])
        row = {"seq": seq, "at": console.clock(), "author": "a", "confirmed_by": "b", "version": "sha256:0"}
        rows.insert(connection, journal.vault, policy_version, [{**row, "mode": mode.value, "text": opened}])


def test_a_policy_of_an_earlier_version_that_opens_the_gate_decides_nothing(console: Console) -> None:
    console.restrict()
    current = console.system.current
    kept_from_before(console, Mode.LIVE)
    current.screener = None
    current.refresh()
    assert (current.screener, current.why_not) == (None, "the newest list could not be built: PolicyError")
    with console.system.database.write() as connection:
        connection.execute(delete(policy_version))
    confirm(console, STRICT)
    assert current.policy.version == read_policy(STRICT.encode()).version


def test_such_a_shadow_is_left_out_and_keeps_nothing_from_being_decided(console: Console) -> None:
    console.restrict()
    kept_from_before(console, Mode.SHADOW)
    current = console.system.current
    current.screener = None
    current.refresh()
    assert current.shadow is None
    assert detail(console, console.attempt())["outcome"] == "block"


def test_a_shadow_records_where_it_differs_and_changes_nothing(console: Console) -> None:
    console.restrict()
    confirm(console, STRICT, Mode.SHADOW)
    seq = console.flag()
    assert (detail(console, seq)["outcome"], detail(console, seq)["shadow"]) == ("flag", "block")
    assert "shadow" not in detail(console, console.attempt("same"))
    confirm(console, "", Mode.SHADOW)
    assert "shadow" not in detail(console, console.flag("later"))


def test_a_backtest_counts_what_would_change(console: Console) -> None:
    console.restrict()
    seq = console.flag()
    console.attempt("blocked")
    console.attempt("allowed", to="020 7946 0018")
    system = console.system
    assert system.current.screener is not None
    blocklist = system.current.screener.blocklist
    journal = system.registry.journal
    strict = read_policy(STRICT.encode())
    report = backtest(journal, blocklist, system.current.policy, strict, days=1)
    assert (report.attempts, report.unreadable, report.examples) == (3, 0, (seq,))
    assert report.changed == (("call", "NEAR_NUMBER", "flag", "block", 1),)
    assert not backtest(journal, blocklist, strict, strict, days=1).changed


def test_a_backtest_sees_the_messages_before_a_message(console: Console) -> None:
    console.restrict()
    fields = {"channel": "message", "to": "020 7946 0018"}
    console.attempt("M1", body="remember 077009", **fields)
    seq = console.attempt("M2", body="and then 00123", **{**fields, "to": "+44 20 7946 0018"})
    system = console.system
    assert detail(console, seq)["outcome"] == "flag"
    assert system.current.screener is not None
    stopping = read_policy(POLICY.replace('HIDDEN_NUMBER = "flag"', 'HIDDEN_NUMBER = "block"').encode())
    blocklist, journal = system.current.screener.blocklist, system.registry.journal
    report = backtest(journal, blocklist, system.current.policy, stopping, days=1)
    assert report.changed == (("message", "HIDDEN_NUMBER", "flag", "block", 1),)
    assert report.examples == (seq,)
    last_alone = backtest(journal, blocklist, system.current.policy, stopping, days=1, limit=1)
    assert (last_alone.attempts, last_alone.changed) == (1, ())


def test_a_policy_that_opens_the_gate_is_refused_on_the_page_and_its_key_named(console: Console) -> None:
    ada = console.visitor(Role.ADMIN, name="ada")
    opened = POLICY.replace('[action.call]\nallow = "connect"', '[action.call]\nallow = "refuse"')
    lifted = POLICY.replace('RESTRICTED_NUMBER = "block"', 'RESTRICTED_NUMBER = "allow"')
    for text, key in ((opened, "Action.call.allow"), (lifted, "Reasons.RESTRICTED_NUMBER")):
        for path, fields in (("try", {"days": "7"}), ("ask", {"mode": "live", "reason": "why"})):
            answer = ada.post(f"/learning/{path}", policy=text, **fields)
            assert (answer.status_code, key in answer.text) == (422, True)
    assert not console.system.registry.approvals.list()


def test_an_admin_tries_and_asks_on_the_page(console: Console) -> None:
    console.restrict()
    console.flag()
    ada = console.visitor(Role.ADMIN, name="ada")
    assert ada.get("/learning").status_code == 200
    page = ada.post("/learning/try", policy=STRICT, days="7").text
    assert "Near number" in page
    assert "07700" not in page
    for days in ("0", "000001" + "9" * 4_400, "0000305"):
        assert ada.post("/learning/try", policy=STRICT, days=days).status_code == 422
    assert ada.post("/learning/try", policy="<b>", days="7").status_code == 422
    assert ada.post("/learning/ask", policy=STRICT, mode="live", reason=" ").status_code == 422
    assert (
        ada.post("/learning/ask", policy=STRICT, mode="live", reason="why").headers["location"]
        == "/approvals"
    )
    assert console.system.registry.approvals.list()[0].kind == "policy"
    assert ada.get("/approvals").status_code == 200


def test_the_form_begins_with_the_policy_in_force(console: Console) -> None:
    console.restrict()
    ada = console.visitor(Role.ADMIN, name="ada")
    assert html.unescape(ada.get("/learning").text).count(OLD) == 1
    confirm(console, STRICT + "# as the governor wants it\n")
    page = html.unescape(ada.get("/learning").text)
    assert ('NEAR_NUMBER = "block"' in page, "as the governor wants it" in page) == (True, True)
    given = read_policy(POLICY.replace("own_name_score = 0.6", "own_name_score = 0.55").encode())
    console.system.current.policy = given  # an operator's file, whose text is not here
    assert "own_name_score = 0.55" in ada.get("/learning").text


def test_a_second_administrator_sees_each_word_and_what_would_have_gone_out(
    console: Console,
) -> None:
    console.restrict()
    console.flag()
    ada, ben = (console.visitor(Role.ADMIN, name=name) for name in ("ada", "ben"))
    lax = POLICY.replace(OLD, 'NEAR_NUMBER = "allow"').replace("flag_others = 0.1", "flag_others = 0.3")
    ada.post("/learning/ask", policy=lax, mode="live", reason="too many <b>")
    (asked,) = console.system.registry.approvals.list()
    where = f"/approvals/{asked.id}"
    assert 'value="confirm"' not in ben.get(where).text
    assert ben.post(f"{where}/decide", answer="confirm").status_code == 409
    page = html.unescape(ben.post(f"{where}/show").text)
    rows = re.findall(r">([^<>]+)</th><td[^>]*>([^<>]+)</td><td[^>]*>([^<>]+)</td></tr>", page)
    assert ("reasons.NEAR_NUMBER", "flag", "allow") in rows
    assert ("address.flag_others", "0.1", "0.3") in rows
    assert len(rows) == 2
    assert "Stopped or held, and would have gone out: 1." in page
    assert "too many <b>" in page
    assert "oidc:ada" in page
    assert "07700" not in page
    assert ben.post(f"{where}/decide", answer="confirm", note="agreed").status_code == 303
    console.system.current.refresh()
    assert console.system.current.policy.version == read_policy(lax.encode()).version
    assert "agreed" in ada.post(f"{where}/show").text


def test_a_reviewer_confirms_a_policy_that_she_opened_and_not_another(console: Console) -> None:
    ada, rita = console.visitor(Role.ADMIN, name="ada"), console.visitor(Role.REVIEWER, name="rita")
    ada.post("/learning/ask", policy=STRICT, mode="shadow", reason="to see")
    (asked,) = console.system.registry.approvals.list()
    page = rita.post(f"/approvals/{asked.id}/show").text
    assert "It would run as a shadow" in page
    assert "There is no list to try it on yet" in page or "attempts of the last" in page
    assert rita.post(f"/approvals/{asked.id}/decide", answer="confirm").status_code == 303
    ada.post("/learning/ask", policy="", mode="shadow", reason="seen enough")
    (ends,) = console.system.registry.approvals.list()
    assert rita.post(f"/approvals/{ends.id}/decide", answer="confirm").status_code == 409
    assert "ends" in rita.post(f"/approvals/{ends.id}/show").text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_admins_try_policies(console: Console, role: Role) -> None:
    visitor = console.visitor(role)
    assert visitor.get("/learning").status_code == 403
    assert visitor.post("/learning/try").status_code == 403
    assert visitor.post("/learning/ask").status_code == 403
