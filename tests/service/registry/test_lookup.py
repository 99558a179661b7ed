"""What is typed is found by keyed hashes, however it is written."""

from __future__ import annotations

import pytest

from engine.model import Contact
from service.registry import lookup
from service.storage.sealing import Vault

VAULT = Vault({1: bytes(32)}, bytes(range(32)), bytes(32))
OTHER = Vault({1: bytes(32)}, bytes(32), bytes(32))


@pytest.mark.parametrize("typed", ["07700 900123", "+44 7700 900123", "0044 (0) 7700 900 123"])
def test_a_number_is_found_in_every_way_to_write_it(typed: str) -> None:
    listed = list(lookup.contact_digests(VAULT, Contact(kind="phone", value="+447700900123")))
    assert len(listed) == 1
    assert lookup.value_digests(VAULT, typed) == listed


def test_a_local_number_is_found_by_its_area() -> None:
    local = Contact(kind="phone", value="496 0123")
    found = list(lookup.contact_digests(VAULT, local, ("0113",)))
    assert found == lookup.value_digests(VAULT, "0113 496 0123")


def test_an_address_is_found_by_its_postcode_and_by_its_street() -> None:
    whole = set(lookup.value_digests(VAULT, "14 Larkmead Street, Ambermouth, LS1 4AB"))
    assert len(whole) == 2
    assert whole & set(lookup.value_digests(VAULT, "14 Larkmead Street, Ambermouth"))
    assert not whole & set(lookup.value_digests(VAULT, "15 Larkmead Street, Ambermouth"))


def test_a_name_is_found_by_each_of_its_parts() -> None:
    whole = set(lookup.name_digests(VAULT, ["Rhoswen Tallantyre"]))
    assert set(lookup.name_digests(VAULT, ["TALLANTYRE"])) < whole
    assert not whole & set(lookup.name_digests(VAULT, ["Quillfeather"]))


def test_what_is_no_contact_point_has_no_hash() -> None:
    assert list(lookup.contact_digests(VAULT, Contact(kind="phone", value="no digits"))) == []


def test_without_the_key_a_hash_tells_nothing() -> None:
    assert lookup.prison_digest(VAULT, "LEI") != lookup.prison_digest(OTHER, "LEI")
    assert lookup.prison_digest(VAULT, "LEI") != VAULT.digest("name", "LEI")
