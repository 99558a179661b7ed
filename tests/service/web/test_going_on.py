"""A sign-in leads on to a page of ours, and to no other site."""

from __future__ import annotations

import pytest

from service.web.going_on import LONGEST_ADDRESS, ours


@pytest.mark.parametrize("address", ["/", "/cases?which=mine", "/queue/12", "/restrictions/view/R1%2F2"])
def test_a_page_of_ours_is_gone_on_to(address: str) -> None:
    assert ours(address) == address


@pytest.mark.parametrize(
    "address",
    [
        *("//evil.example", "https://evil.example", "/\\evil.example", "evil.example", ""),
        *("/sign-in", "/sign-out", "/a\nb", '/a"b', "/" + LONGEST_ADDRESS * "a"),
    ],
)
def test_anything_else_is_the_beginning(address: str) -> None:
    assert ours(address) == "/"
