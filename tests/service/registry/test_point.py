"""A contact point as the registry asks for it: by what it is found, whose it is; kept within bounds."""

import pytest

from engine.model import Contact
from service.registry import point
from service.registry.point import read_point


@pytest.mark.parametrize(
    ("kind", "value", "found_by"),
    [
        ("phone", "07700 900123", (("phone", "447700900123"),)),
        ("email", "Sally@Example.org", (("email", "sally@example.org"),)),
        (
            "address",
            "10 Alderbirch Street, Leeds LS1 4AB",
            (("postcode", "LS1 4AB"), ("street", "10 ALDERBIRCH STREET")),
        ),
        ("phone", "none", ()),
    ],
)
def test_a_value_is_found_by_what_it_says(kind: str, value: str, found_by: tuple[object, ...]) -> None:
    assert read_point(Contact(kind=kind, value=value)).found_by == found_by  # type: ignore[arg-type]


def test_no_more_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(point, "MOST_KEPT", 3)
    point.forget()
    for n in range(8):
        contact = Contact(kind="handle", value=f"@sally{n}j")
        assert read_point(contact).found_by == (("handle", f"sally{n}j"),)
        assert len(point._kept) <= 3
    assert read_point(contact) is read_point(contact)
