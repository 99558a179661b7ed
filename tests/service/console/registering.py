"""What is typed into the registry's pages, and what is looked for behind them."""

from __future__ import annotations

import html
from typing import Any

from sqlalchemy import select

from engine.model import ConfidentialEntry, Contact, ProtectedPerson, Restriction
from service.access.model import Principal, Role
from service.ledger.record import Kind, ledger
from service.registry.model import RestrictionVersion
from tests.service.console.conftest import NAME, NUMBER, OFFICER, PRISONER, Console, Visitor
from tests.service.registry.listings import confirmed

MARKUP = "<script>alert(1)</script>"


def views(console: Console) -> list[Any]:
    """Records of what was seen, the oldest first."""
    with console.system.database.read() as connection:
        wanted = select(ledger).where(ledger.c.kind == Kind.VIEW.value).order_by(ledger.c.seq)
        return list(connection.execute(wanted))


def why(console: Console, record: Any) -> str:
    """What somebody gave as the reason."""
    return console.system.vault.open(record.sealed, f"ledger/{record.subject}").decode()


def latest(console: Console, id_: str = "R1") -> RestrictionVersion:
    """What holds now."""
    return console.system.registry.versions.get(id_)


def officer(console: Console, name: str = "olive") -> Visitor:
    """Who keeps the restrictions."""
    return console.visitor(Role.CASE_OFFICER, name=name)


def edited(console: Console, visitor: Visitor, id_: str = "R1", **changes: str) -> dict[str, str]:
    """The fields of the form as it is shown, with some changed."""
    page = visitor.post(f"/restrictions/edit/{id_}", why="to change it")
    assert page.status_code == 200
    return {**fields(page.text), **changes}


def fields(page: str) -> dict[str, str]:
    """What a browser would send of a page's last form, buttons left alone."""
    form = page.rpartition("<form")[2].partition("</form>")[0]
    found: dict[str, str] = {}
    for tag in form.split("<textarea")[1:]:
        name = tag.partition('name="')[2].partition('"')[0]
        found[name] = html.unescape(tag.partition(">")[2].partition("</textarea>")[0])
    for tag in form.split("<input")[1:]:
        tag = tag.partition(">")[0]
        name = tag.partition('name="')[2].partition('"')[0]
        is_choice = 'type="radio"' in tag or 'type="checkbox"' in tag
        if not is_choice or " checked" in tag:
            found[name] = html.unescape(tag.partition(' value="')[2].partition('"')[0])
    return found


def restriction(id_: str) -> Restriction:
    """A restriction of no particular content."""
    contacts = (Contact(kind="phone", value=NUMBER),)
    return Restriction(id=id_, prisoner=PRISONER, protected=ProtectedPerson(name=NAME), contacts=contacts)


def lawyer() -> ConfidentialEntry:
    """An entry of the register, with the number that others restrict."""
    contacts = (Contact(kind="phone", value=NUMBER),)
    return ConfidentialEntry(id="L1", name=f"Quill Law {MARKUP}", kind="solicitor", contacts=contacts)


def confide(console: Console) -> None:
    """Put it on the register, by two people."""
    registry = console.system.registry
    asked = registry.register.add(OFFICER, lawyer(), "Checked with the Law Society").approval
    assert asked is not None
    second = Principal("user:second", frozenset({Role.CASE_OFFICER}), person=True)
    confirmed(registry, second, asked.id)
