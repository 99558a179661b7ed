"""Addresses of Redis: what each says, and that none is repeated in an error."""

from __future__ import annotations

import pytest

from service.feed.redis_address import RedisAddress, read_address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://cache", RedisAddress("server", False, (("cache", 6379),))),
        ("rediss://[::1]:7000/0", RedisAddress("server", True, (("::1", 7000),))),
        ("redis://me:p%40ss@cache:1", RedisAddress("server", False, (("cache", 1),), "me", "p@ss")),
        (
            "redis+sentinel://:x@a:1,b/main",
            RedisAddress("sentinel", False, (("a", 1), ("b", 26379)), None, "x", "main"),
        ),
        ("rediss+cluster://a,b:2", RedisAddress("cluster", True, (("a", 6379), ("b", 2)))),
    ],
)
def test_an_address_is_read(url: str, expected: RedisAddress) -> None:
    assert read_address(url) == expected
    assert "p@ss" not in repr(read_address(url))


@pytest.mark.parametrize(
    "url",
    ["http://secret", "redis://a,secret", "redis+sentinel://secret", "redis://secret/3", "redis://secret:x",
     "redis://secret:99999", "redis://"],
)  # fmt: skip
def test_what_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"Redis|redis\+") as refused:
        read_address(url)
    assert "secret" not in str(refused.value)
