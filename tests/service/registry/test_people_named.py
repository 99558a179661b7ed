"""An imaginary prisoner of a canary is nobody: wherever a person is named, his number is refused."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from engine.canary import is_imaginary
from service.access.model import Principal, Role
from service.cases.cases import Cases
from service.errors import InvalidError
from service.registry.directory_import import import_prisoners
from service.registry.importing import import_restrictions
from service.registry.registry import Registry
from tests.service.cases.asking import OFFICER, approved, asked
from tests.service.cases.test_resolutions import shared
from tests.service.registry.listings import HIS, exempt, restriction

NOBODY = "Z1234QQ"
EDITOR = Principal("user:editor", frozenset({Role.CASE_OFFICER}), person=True)
Door = Callable[[Registry], object]


def _resolve(registry: Registry) -> object:
    cases = Cases(registry)
    case = approved(cases)
    return cases.resolve(OFFICER, case.id, case.version, shared(prisoner=NOBODY))


def _confirm(registry: Registry) -> object:
    cases = Cases(registry)
    case = cases.key_in(OFFICER, asked(), "telephone", "she rang")
    return cases.confirm_prisoner(OFFICER, case.id, case.version, f" {NOBODY.lower()} ", "so she said")


def _changed(registry: Registry) -> object:
    registry.restrictions.create(EDITOR, restriction())
    both = restriction(prisoner=[HIS, NOBODY])
    return registry.restrictions.change(EDITOR, "R1", 1, "he too", restriction=both)


def _widened(registry: Registry) -> object:
    registry.restrictions.create(EDITOR, restriction())
    return registry.restrictions.widen(EDITOR, "R1", 1, "he too", prisoners=[NOBODY])


def _imported(registry: Registry) -> object:
    line = b'{"id": "R1", "prisoner": "%s", "protected": {"name": "A B"}, ' % NOBODY.encode()
    line += b'"contacts": [{"kind": "phone", "value": "07700 900123"}]}'
    (error,) = import_restrictions(registry, "admin", io.BytesIO(line)).errors
    raise InvalidError(error)


def _received(registry: Registry) -> object:
    file = io.BytesIO(f"number,name,prison\n{NOBODY},A B,LEI\n".encode())
    (error,) = import_prisoners(registry, "admin", file).errors
    raise InvalidError(error)


DOORS: dict[str, Door] = {
    "merged into": lambda registry: registry.prisoners.merge(EDITOR, HIS, NOBODY),
    "merged": lambda registry: registry.prisoners.merge(EDITOR, NOBODY, HIS),
    "moved": lambda registry: registry.prisoners.move(EDITOR, NOBODY, "LEI"),
    "received": _received,
    "restricted": lambda registry: registry.restrictions.create(EDITOR, restriction(prisoner=NOBODY)),
    "restricted too": _changed,
    "added": _widened,
    "given an exception": lambda registry: registry.restrictions.create(
        EDITOR, restriction(exceptions=exempt(NOBODY))
    ),
    "imported": _imported,
    "of a case": _confirm,
    "with a shared number": _resolve,
    "monitored": lambda registry: registry.monitorings.start(EDITOR, NOBODY, "2026-06-20", "why", "C1"),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_who_is_nobody_is_named_nowhere(registry: Registry, door: Door) -> None:
    assert is_imaginary(NOBODY)
    with pytest.raises(InvalidError, match="number"):
        door(registry)
    assert not registry.prisoners.knows(NOBODY)
