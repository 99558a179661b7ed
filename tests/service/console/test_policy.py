"""The policy's page and its history."""

from __future__ import annotations

import html
import re

from service.access.model import Role
from service.ledger.record import Kind, Record
from tests.service.console.conftest import Console


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
    address = policy.address
    for value in (
        *(address.block, address.flag, address.others),
        *(policy.person.own_name_score, policy.blocklist.stale_after_hours),
    ):
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
