"""A list compiled by every core is the one that is compiled by one."""

import pickle
from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from benchmarks import estate
from engine import saved
from engine.blocklist import compile_blocklist
from engine.model import Contact, Restriction
from engine.parts import AT_ONCE, CompiledPart, Parts, in_turn
from service.blocklist import compiling


def test_the_list_is_the_same_to_the_byte_and_so_is_what_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "FEW", 1)
    listed = list(estate.full_restrictions(3 * AT_ONCE))
    listed[7] = replace(listed[7], contacts=(Contact(kind="phone", value="none"),))
    told: list[list[tuple[str | None, str]]] = [[], []]
    made = [
        compile_blocklist(
            listed,
            lost=lambda source, error, some=some: some.append((source.id, type(error).__name__)),  # type: ignore[misc]
            compiling=how,
        )
        for some, how in zip(told, (in_turn, compiling.on_every_core), strict=True)
    ]
    assert made[0].version == made[1].version
    assert saved.save(made[0]) == saved.save(made[1])
    assert told[0] == told[1] == [("R7", "UnreadableContactError")]


def test_what_goes_to_a_process_and_comes_back_is_the_same_to_the_byte() -> None:
    some = compiling._Some(list(estate.full_restrictions(40)))
    there = pickle.loads(pickle.dumps(some))  # noqa: S301
    assert there.restrictions == some.restrictions
    back = pickle.loads(pickle.dumps(compiling._compiled(there)))  # noqa: S301
    for part in (back, compiling._compiled(some)):

        def made(restrictions: Iterable[Restriction], part: CompiledPart = part) -> Parts:
            return [(list(restrictions), part)]

        kept = compile_blocklist(some.restrictions, compiling=made)
        assert saved.save(kept) == saved.save(compile_blocklist(some.restrictions))
