"""A policy: whom it takes to put one in force, over which it may go, and what is read of it again."""

from __future__ import annotations

from importlib.resources import files

import pytest

from engine.policy import PolicyError, read_policy
from service.access.model import Principal, Role
from service.errors import ConflictError, InvalidError, NotAllowedError
from service.registry.approvals import ApprovalState
from service.registry.policies import LONGEST_POLICY, Mode, checked
from service.registry.registry import Registry
from service.registry.tables import policy_version
from service.storage import rows
from service.storage.rows import ChangedRowError
from tests.service.registry.listings import confirmed

ADA = Principal("user:ada", frozenset({Role.ADMIN}), person=True)
BEN = Principal("user:ben", frozenset({Role.ADMIN}), person=True)
PACKAGED = files("engine").joinpath("policy.toml").read_text(encoding="utf-8")
STRICT, STRICTER = (
    PACKAGED.replace(f'{code} = "flag"', f'{code} = "block"') for code in ("NEAR_NUMBER", "PO_BOX")
)


def version(text: str) -> str:
    return read_policy(text.encode()).version


def put(registry: Registry, text: str, mode: Mode = Mode.LIVE) -> None:
    asked = registry.policies.propose(ADA, text, mode, "too many were let through")
    confirmed(registry, BEN, asked.id)


def of(registry: Registry) -> tuple[str | None, str | None]:
    """The versions of the live policy and of the shadow."""
    live, shadow = registry.policies.live(), registry.policies.shadow()
    return (live.version if live else None, shadow.version if shadow else None)


def test_the_texts_are_three_policies() -> None:
    assert len({version(text) for text in (PACKAGED, STRICT, STRICTER)}) == 3


def test_before_the_first_there_is_none_and_asking_alone_changes_nothing(registry: Registry) -> None:
    asked = registry.policies.propose(ADA, STRICT, Mode.LIVE, "first")
    assert (asked.kind, asked.subject, asked.asked_by) == ("policy", "policy/live", ADA.id)
    assert asked.loosens == (f"the live policy becomes {version(STRICT)}",)
    assert of(registry) == (None, None)


def test_the_last_of_each_mode_is_read_and_neither_touches_the_other(registry: Registry) -> None:
    put(registry, STRICT)
    put(registry, PACKAGED)
    put(registry, STRICTER, Mode.SHADOW)
    assert of(registry) == (version(PACKAGED), version(STRICTER))


def test_a_shadow_is_ended_by_a_text_of_nothing_and_the_live_one_is_not(registry: Registry) -> None:
    put(registry, STRICT)
    put(registry, STRICTER, Mode.SHADOW)
    put(registry, " \n", Mode.SHADOW)
    assert of(registry) == (version(STRICT), None)
    with pytest.raises(InvalidError):
        registry.policies.propose(ADA, " \n", Mode.LIVE, "nothing")


def test_one_that_came_in_between_makes_it_void_and_one_of_the_other_mode_does_not(
    registry: Registry,
) -> None:
    first = registry.policies.propose(ADA, STRICT, Mode.LIVE, "first")
    put(registry, STRICTER, Mode.SHADOW)
    assert confirmed(registry, BEN, first.id).state is ApprovalState.CONFIRMED
    # Asked again under another subject than the first of its mode, which would give way to it.
    late = registry.policies.propose(ADA, PACKAGED, Mode.LIVE, "late")
    with registry.journal.write() as connection:
        registry.journal.append(connection, [registry.journal.record("x", "policy/live", "in_force")])
    with pytest.raises(ConflictError):
        confirmed(registry, BEN, late.id)
    assert registry.approvals.get(late.id).state is ApprovalState.PENDING
    with pytest.raises(ChangedRowError):  # of what the ledger says is in force there is no row
        registry.policies.live()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_whoever_may_not_edit_a_policy_asks_for_none(registry: Registry, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        registry.policies.propose(Principal("user:x", frozenset({role}), person=True), STRICT, Mode.LIVE, "x")
    assert registry.approvals.list() == []


def test_a_change_of_policy_is_told_to_every_process(registry: Registry) -> None:
    before = registry.last_change()
    put(registry, STRICT)
    assert ("policy", "live", False) in [row[1:] for row in registry.changes_since(before)]


@pytest.mark.parametrize("mode", list(Mode))
def test_one_that_this_program_does_not_take_is_told_where_it_is_live_and_left_where_it_is_a_shadow(
    registry: Registry, mode: Mode
) -> None:
    put(registry, STRICT, mode)
    with registry.journal.database.write() as connection:
        rows.update(connection, registry.journal.vault, policy_version, (), {"text": "[reasons]\n"})
    if mode is Mode.SHADOW:
        assert registry.policies.shadow() is None
    else:
        with pytest.raises(PolicyError):
            registry.policies.live()


@pytest.mark.parametrize("text", ["nonsense", "[reasons]", PACKAGED + "\nmore = 1\n", "\ud800"])
def test_a_text_that_is_no_policy_is_refused_as_the_field(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        checked(text)
    assert refused.value.field == "policy"


def test_the_longest_policy_is_taken_and_one_character_more_is_not() -> None:
    full = PACKAGED + "#" * (LONGEST_POLICY - len(PACKAGED))
    assert checked(full).version == version(full)
    with pytest.raises(InvalidError, match="longer than 65,536 characters"):
        checked(full + "#")
