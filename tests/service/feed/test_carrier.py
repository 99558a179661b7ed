"""Whatever kind of Redis it is that cannot be reached, the publisher is told so in the words it knows."""

from __future__ import annotations

import pytest

from benchmarks.free_port import free_port
from service.feed.carrier import CARRIER_ERRORS, RedisCarrier
from service.feed.redis_address import read_address


@pytest.mark.parametrize("url", ["redis://{}", "redis+sentinel://{}/nocontact", "redis+cluster://{}"])
def test_a_redis_that_is_not_there_is_no_other_error(url: str) -> None:
    carrier = RedisCarrier(read_address(url.format(f"127.0.0.1:{free_port()}")))
    for ask in (carrier.last, carrier.newest, lambda: carrier.beat(b"")):
        with pytest.raises(CARRIER_ERRORS):
            ask()
    carrier.close()
