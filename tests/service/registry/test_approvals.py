"""What waits for a second person: who sees it, who may decide, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import Connection

from service.access.model import Principal, Role
from service.errors import ConflictError, NotAllowedError, NotFoundError
from service.ledger import search
from service.registry.approvals import Approval, ApprovalState, Asked
from service.registry.registry import Registry
from tests.service.registry.listings import ASKER, MACHINE, SECOND, Clock, confirmed

LEEDS = Principal("user:leeds", frozenset({Role.REVIEWER}), frozenset({"LEI"}), person=True)
KIND = "thing"
Ask = Callable[..., Approval]


@pytest.fixture
def done(registry: Registry) -> list[tuple[str, str, bytes]]:
    """What confirming did: who, on which subject, with what."""
    calls: list[tuple[str, str, bytes]] = []

    def apply(connection: Connection, by: Principal, asked: Approval, payload: bytes) -> None:
        calls.append((by.id, asked.subject, payload))
        if payload == b"changed since":
            raise ConflictError("it changed")

    registry.approvals.on(KIND, apply)
    return calls


@pytest.fixture
def ask(registry: Registry, done: object) -> Ask:
    def asked(subject: str = "S1", *, payload: bytes = b"what", prison: str | None = None) -> Approval:
        with registry.journal.write() as connection:
            one = Asked(KIND, subject, 3, prison, payload, ("something is let through",))
            return registry.approvals.ask(connection, ASKER.id, one)

    return asked


def outcomes(registry: Registry, asked: Approval) -> list[tuple[str, str | None]]:
    """Who did what with it, the oldest first."""
    with registry.journal.database.read() as connection:
        rows = search.search(connection, subject=f"approval/{asked.id}", limit=50)
    return [(row.actor, row.outcome) for row in reversed(rows)]


def test_what_is_asked_is_kept_as_it_was_asked(registry: Registry, ask: Ask, clock: Clock) -> None:
    asked = ask(prison="LEI")
    assert asked == registry.approvals.get(asked.id)
    assert (asked.kind, asked.subject, asked.base, asked.establishment) == (KIND, "S1", 3, "LEI")
    assert (asked.asked_by, asked.state, asked.decided_by, asked.decided_at) == (
        ASKER.id,
        ApprovalState.PENDING,
        None,
        None,
    )
    assert asked.loosens == ("something is let through",)
    assert asked.asked_at < clock()


def test_a_second_person_puts_it_in_force_once(
    registry: Registry, ask: Ask, done: list[tuple[str, str, bytes]]
) -> None:
    asked = ask(payload=b"all of it")
    told = confirmed(registry, SECOND, asked.id, "seen the order")
    assert (told.state, told.decided_by) == (ApprovalState.CONFIRMED, SECOND.id)
    assert told.decided_at is not None
    assert told.decided_at > asked.asked_at
    with pytest.raises(ConflictError):
        registry.approvals.confirm(SECOND, asked.id)
    with pytest.raises(ConflictError):
        registry.approvals.refuse(SECOND, asked.id)
    assert done == [(SECOND.id, "S1", b"all of it")]
    assert outcomes(registry, asked) == [(ASKER.id, "asked"), (SECOND.id, "seen"), (SECOND.id, "confirmed")]
    assert registry.approvals.view(SECOND, asked.id, "once more") == (b"all of it", "seen the order")


@pytest.mark.parametrize("by", [ASKER, MACHINE], ids=["who_asked", "a_machine"])
def test_nobody_else_confirms(
    registry: Registry, ask: Ask, done: list[tuple[str, str, bytes]], by: Principal
) -> None:
    asked = ask()
    with pytest.raises(NotAllowedError):
        registry.approvals.confirm(by, asked.id)
    assert done == []
    assert registry.approvals.list() == [asked]
    assert outcomes(registry, asked) == [(ASKER.id, "asked")]


def test_nobody_confirms_what_he_has_not_opened_himself(
    registry: Registry, ask: Ask, done: list[tuple[str, str, bytes]]
) -> None:
    earlier = ask()
    registry.approvals.view(SECOND, earlier.id, "to decide")
    asked = ask()  # on the same subject: what was seen of the one before is not this one
    registry.approvals.view(LEEDS, asked.id, "to decide")
    with pytest.raises(ConflictError, match="open its details first"):
        registry.approvals.confirm(SECOND, asked.id)
    with pytest.raises(NotAllowedError):
        registry.approvals.view(Principal("user:ada", frozenset({Role.ADMIN}), person=True), asked.id, "why")
    assert (done, registry.approvals.list()) == ([], [asked])


@pytest.mark.parametrize("by", [ASKER, MACHINE, SECOND])
def test_anybody_whose_business_it_is_refuses(
    registry: Registry, ask: Ask, done: list[tuple[str, str, bytes]], by: Principal
) -> None:
    refused = registry.approvals.refuse(by, ask().id)
    assert (refused.state, refused.decided_by, done) == (ApprovalState.REFUSED, by.id, [])
    with pytest.raises(ConflictError):
        registry.approvals.confirm(SECOND, refused.id)


def test_what_has_changed_since_stays_to_be_decided(registry: Registry, ask: Ask) -> None:
    asked = ask(payload=b"changed since")
    with pytest.raises(ConflictError):
        confirmed(registry, SECOND, asked.id)
    assert registry.approvals.get(asked.id) == asked
    assert registry.approvals.refuse(SECOND, asked.id).state is ApprovalState.REFUSED


def test_the_one_that_waits_on_a_subject_gives_way_to_the_next(registry: Registry, ask: Ask) -> None:
    first, other = ask("S1"), ask("S2")
    second = ask("S1")
    assert registry.approvals.list() == [other, second]
    assert registry.approvals.get(first.id).state is ApprovalState.REFUSED
    assert outcomes(registry, first)[-1] == (ASKER.id, "superseded")
    confirmed(registry, SECOND, second.id)
    ask("S1")
    assert registry.approvals.get(second.id).state is ApprovalState.CONFIRMED


@pytest.mark.parametrize(("prison", "theirs"), [("LEI", True), ("MDI", False), (None, False)])
def test_staff_of_one_prison_decide_on_what_names_it(
    registry: Registry, ask: Ask, prison: str | None, theirs: bool
) -> None:
    asked = ask(prison=prison)
    assert registry.approvals.list(by=LEEDS) == ([asked] if theirs else [])
    assert registry.approvals.list(by=SECOND) == [asked]
    if theirs:
        assert confirmed(registry, LEEDS, asked.id).state is ApprovalState.CONFIRMED
    else:
        for decide in (registry.approvals.confirm, registry.approvals.refuse):
            with pytest.raises(NotAllowedError):
                decide(LEEDS, asked.id)
        assert registry.approvals.get(asked.id) == asked


def test_a_page_of_theirs_is_full_though_others_come_before(registry: Registry, ask: Ask) -> None:
    for number in range(3):
        ask(f"there {number}", prison="MDI")
    here = [ask(f"here {number}", prison="LEI") for number in range(3)]
    assert registry.approvals.list(by=LEEDS, limit=2) == here[:2]
    assert len(registry.approvals.list(limit=4)) == 4


def test_they_are_listed_by_state_and_by_subject(registry: Registry, ask: Ask) -> None:
    first, second = ask("S1"), ask("S2")
    told = confirmed(registry, SECOND, first.id)
    assert registry.approvals.list(state=ApprovalState.CONFIRMED) == [told]
    assert registry.approvals.list(state=None) == [told, second]
    assert registry.approvals.list(state=None, subject="S2") == [second]


def test_who_sees_what_is_asked_is_recorded_first(registry: Registry, ask: Ask) -> None:
    asked = ask(payload=b"all of it", prison="LEI")
    assert registry.approvals.view(SECOND, asked.id, "to decide") == (b"all of it", "")
    assert outcomes(registry, asked) == [(ASKER.id, "asked"), (SECOND.id, "seen")]
    with registry.journal.database.read() as connection:
        seen = search.search(connection, subject=f"approval/{asked.id}", limit=1)[0]
        record = search.read(connection, seen.seq)
    assert record.establishment == "LEI"
    why = registry.journal.vault.open(record.sealed, f"ledger/{record.subject}")
    assert why == b"to decide"


def test_the_plain_record_says_of_which_kind_it_is_and_on_what(registry: Registry, ask: Ask) -> None:
    asked = ask(prison="LEI")
    with registry.journal.database.read() as connection:
        (row,) = search.search(connection, subject=f"approval/{asked.id}", limit=5)
        record = search.read(connection, row.seq)
    assert record.establishment == "LEI"
    assert msgspec.json.decode(record.detail) == {"about": "S1", "approves": KIND}
    assert ("approval", asked.id, False) in [row[1:] for row in registry.changes_since(0)]


def test_one_that_is_not_there_is_not_found(registry: Registry) -> None:
    for look in (
        lambda: registry.approvals.get("none"),
        lambda: registry.approvals.view(SECOND, "none", "why"),
        lambda: registry.approvals.confirm(SECOND, "none"),
    ):
        with pytest.raises(NotFoundError):
            look()
