"""Calls a second through the switch, and what the check adds to the delay before it rings.

    python -m benchmarks.phone.calls [--rate 100] [--seconds 60]

Three switches take turns: without a check (the same configuration, all let through), with the check as it
ships (`http_client` in Kamailio's asynchronous workers), and with the check asked over `evapi`. One in ten
calls is to a restricted number. Post-dial delay: from the INVITE with the password to the ringing, by SIPp.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.free_port import free_port
from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT, NotServingError
from benchmarks.phone import gateway
from benchmarks.phone.demonstration import FREE, NAMED, OTHER, RESTRICTED, prepare, wait_for_list
from benchmarks.phone.switch import (
    Call,
    Dialled,
    MissingError,
    carrier_in,
    dial,
    install,
    switch_in,
)


class Peer(NamedTuple):
    """A way of asking."""

    name: str
    change: Callable[[str], str]
    gateway: bool = False


def without_check(text: str) -> str:
    """The configuration with the question left out: what the rest of it costs."""
    return _swap(
        text,
        "    if (!t_suspend()) {\n        route(UNAVAILABLE);\n        exit;\n    }\n",
        "    route(CONNECT);\n    exit;\n",
    )


def by_evapi(text: str) -> str:
    """The question over Kamailio's event socket instead of its HTTP client."""
    text = _swap(text, 'loadmodule "http_client.so"\n', 'loadmodule "evapi.so"\n')
    for line in ("connection_timeout", "httpredirect", "query_result", "query_maxdatasize"):
        start = text.index(f'modparam("http_client", "{line}"')
        text = text[:start] + text[text.index("\n", start) + 1 :]
    text = _swap(text, 'modparam("statistics", "variable", "nocontact_connected")', _EVAPI_PARAMETERS)
    start, end = text.index("    if (!t_suspend()) {"), text.index("# In a worker, without the call.")
    text = text[:start] + _EVAPI_ASK + text[end:]
    start, end = text.index("route[QUERY] {"), text.index("failure_route[LATE]")
    return text[:start] + _EVAPI_ANSWER + text[end:]


_EVAPI_PARAMETERS = """modparam("evapi", "workers", 4)
modparam("evapi", "bind_addr", "127.0.0.1:NC_EVAPI")
modparam("evapi", "netstring_format", 1)
modparam("statistics", "variable", "nocontact_connected")"""
_EVAPI_ASK = """    if (!evapi_async_relay("$T(id_index)|$T(id_label)|$var(body)")) {
        route(UNAVAILABLE);
    }
    exit;
}

"""
_EVAPI_ANSWER = """event_route[evapi:message-received] {
    $var(index) = $(evapi(msg){s.select,0,|}{s.int});
    $var(label) = $(evapi(msg){s.select,1,|}{s.int});
    $var(action) = $(evapi(msg){s.select,2,|});
    if ($var(action) == "connect") {
        t_continue("$var(index)", "$var(label)", "CONNECT");
    } else if ($var(action) == "connect_and_alert") {
        t_continue("$var(index)", "$var(label)", "ALERT");
    } else if ($var(action) == "refuse") {
        t_continue("$var(index)", "$var(label)", "REFUSE");
    } else {
        t_continue("$var(index)", "$var(label)", "UNAVAILABLE");
    }
    exit;
}

"""
SHIPPED = Peer("http_client", str)
PEERS = (
    Peer("without a check", without_check),
    SHIPPED,
    Peer("evapi", by_evapi, gateway=True),
)


def main() -> int:
    """Run it. Exit status 1 when a call failed with the check as it ships, or a restricted number rang."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    try:
        install()
        with tempfile.TemporaryDirectory() as folder:
            return measure(Path(folder), options.rate, options.seconds)
    except (MissingError, NotServingError) as error:
        print(f"phone-load: {error}", file=sys.stderr)
        return 1


def measure(folder: Path, rate: int, seconds: int, timeout: int = 1000) -> int:
    """Every peer in its turn; prints the table. `timeout` in milliseconds, for a call to its answer."""
    table = Table(title=f"{rate} calls a second for {seconds} s, one in ten restricted")
    for column in ("check", "calls", "failed", "rang", "p50 ms", "p99 ms", "added p50", "added p99"):
        table.add_column(column, justify="left" if column == "check" else "right")
    wrong = 0
    base: tuple[float, float] | None = None
    with service_in(folder) as (url, key):
        for place, peer in enumerate(PEERS):
            done, rang = _run(folder / str(place), peer, url, key, rate, seconds, timeout)
            delays = statistics.quantiles(done.delays, n=100)
            p50, p99 = delays[49], delays[98]
            failed = _failed(done, base is None)
            if base is None:
                base = (p50, p99)
            elif peer is SHIPPED:
                wrong += failed + abs(len(done.heard) - rate * seconds)
            wrong += sum(RESTRICTED in number for number in rang) if place else 0
            sys.stderr.write(done.said[:2000])
            table.add_row(
                peer.name,
                str(len(done.heard)),
                str(failed),
                str(len(rang)),
                f"{p50:.1f}",
                f"{p99:.1f}",
                *(() if place == 0 else (f"{p50 - base[0]:.1f}", f"{p99 - base[1]:.1f}")),
            )
    Console(width=110).print(table)
    return 1 if wrong else 0


def _failed(done: Dialled, unchecked: bool) -> int:
    """Calls that broke off, and those that were not answered as is due: a 503 is a lost call."""
    due = {"free": 200, "restricted": 200 if unchecked else 603}
    return done.failed + sum(one.status != due[one.name] for one in done.heard)


def _run(
    folder: Path, peer: Peer, url: str, key: str, rate: int, seconds: int, timeout: int
) -> tuple[Dialled, list[str]]:
    folder.mkdir()
    calls = [Call("free", NAMED if n % 2 else OTHER, FREE) for n in range(9)]
    calls.append(Call("restricted", NAMED, RESTRICTED))
    port = free_port("127.0.0.1")
    with (
        carrier_in(folder / "carrier") as carrier,
        switch_in(
            folder / "switch",
            url,
            key,
            (NAMED, OTHER),
            carrier.port,
            choices={"NC_TIMEOUT": str(timeout)},
            change=lambda text: peer.change(text).replace("NC_EVAPI", str(port)),
        ) as switch,
        gateway.running(port, url, key, timeout / 1000) if peer.gateway else nullcontext(),
    ):
        time.sleep(0.5)
        dial(switch, calls, folder / "warm", rate=rate, count=rate)
        before = len(carrier.rang())
        done = dial(switch, calls, folder / "phones", rate=rate, count=rate * seconds)
        return done, carrier.rang()[before:]


@contextmanager
def service_in(folder: Path) -> Iterator[tuple[str, str]]:
    """A service with the demonstration's restriction: its address and a key."""
    data = folder / "data"
    key = prepare(data, folder)
    settings = serving.environment(data) | serving.AS_FAST_AS_IT_GOES
    with serving.serving([*NOCONTACT, "serve"], settings, folder / "service.log") as service:
        wait_for_list(service.url)
        yield service.url, key


def _swap(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise ValueError(f"the configuration no longer has once: {old!r}")
    return text.replace(old, new)


if __name__ == "__main__":
    sys.exit(main())
