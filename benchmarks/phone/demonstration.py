"""`make phone-demo`: real calls through a real switch, and what the phone heard.

    python -m benchmarks.phone.demonstration

Starts the service, Kamailio and SIPp on loopback and free ports, dials, prints a table, and ends them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT, NotServingError
from benchmarks.phone.scenarios import Within
from benchmarks.phone.switch import (
    Call,
    Carrier,
    Extension,
    Heard,
    MissingError,
    Switch,
    carrier_in,
    dial,
    install,
    switch_in,
)

NAMED = Extension("1001", "wing-one", "X1234BC", "LEI")
OTHER = Extension("1002", "wing-two", "X5678CD", "LEI")
RESTRICTED, FREE = "07700900123", "02079460018"
RESTRICTION = {
    "id": "R1",
    "prisoner": NAMED.prisoner,
    "pathway": 1,
    "protected": {"name": "Rhoswen Tallantyre"},
    "contacts": [{"kind": "phone", "value": "07700 900123"}],
}
REGISTER = {"name": "Samaritans", "kind": "helpline", "contacts": [{"kind": "phone", "value": "116 123"}]}


class Try(NamedTuple):
    """A call of the demonstration."""

    what: str
    extension: Extension
    dialled: str


CALLS = (
    Try("his mother", NAMED, FREE),
    Try("the number that he must not call", NAMED, RESTRICTED),
    Try("the same, as +44 (0)", NAMED, "+44(0)7700900123"),
    Try("the same, withheld with 141", NAMED, "141" + RESTRICTED),
    Try("the same, shown with 1470", NAMED, "1470" + RESTRICTED),
    Try("the same, by text relay", NAMED, "18002" + RESTRICTED),
    Try("the same, digits behind", NAMED, RESTRICTED + "%2355"),
    Try("the same, from a fellow prisoner's phone", OTHER, RESTRICTED),
    Try("one digit off", NAMED, "07700900124"),
    Try("Samaritans", NAMED, "116123"),
    Try("not a number", NAMED, "hello"),
)


def main() -> int:
    """Run it. Exit status 1 when a restricted number rang, or nothing could be started."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timeout", default="1000", help="milliseconds that a call waits for its answer")
    choices = {"NC_TIMEOUT": parser.parse_args().timeout}
    console = Console(highlight=False)
    try:
        install()
        with tempfile.TemporaryDirectory() as folder:
            rang = _run(console, Path(folder), choices)
    except (MissingError, NotServingError) as error:
        print(f"phone-demo: {error}", file=sys.stderr)
        return 1
    is_safe = not any(RESTRICTED[1:] in number for number in rang)
    console.print(
        "\nThe carrier's own log: "
        + ("the restricted number never rang." if is_safe else "THE RESTRICTED NUMBER RANG.")
    )
    return 0 if is_safe else 1


def _run(console: Console, folder: Path, choices: dict[str, str]) -> list[str]:
    data = folder / "data"
    key = prepare(data, folder)
    log = folder / "service.log"
    with carrier_in(folder / "carrier") as carrier:
        service = serving.start([*NOCONTACT, "serve"], serving.environment(data), log)
        try:
            wait_for_list(service.url)
            with switch_in(
                folder / "switch", service.url, key, (NAMED, OTHER), carrier.port, choices=choices
            ) as switch:
                _tell(console, "The service is up", switch, carrier, CALLS, folder / "up")
                _tell_within(console, switch, folder / "within")
                service.kill()
                _tell(console, "The service was killed", switch, carrier, _IN_OUTAGE, folder / "down")
        finally:
            service.kill()
            if service.process.stdout:
                service.process.stdout.close()
        return carrier.rang()


def prepare(data: Path, folder: Path) -> str:
    """A data folder with the restriction and the register; gives a phone system's key."""
    serving.run(data, "init")
    for options, row in ((["--confidential"], REGISTER), ([], RESTRICTION)):
        file = folder / "rows.jsonl"
        file.write_bytes(msgspec.json.encode(row) + b"\n")
        serving.run(data, "import", *options, str(file))
    return serving.key(data, "phone_system")


_IN_OUTAGE = (CALLS[0], CALLS[1], CALLS[9])


def _tell(
    console: Console, title: str, switch: Switch, carrier: Carrier, calls: tuple[Try, ...], folder: Path
) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("call", "phone", "dialled", "the phone heard", "rang"):
        table.add_column(column, overflow="fold")
    for number, one in enumerate(calls):
        before, alerts = len(carrier.rang()), len(carrier.alerted())
        call = Call(str(number), one.extension, one.dialled)
        heard = dial(switch, [call], folder / str(number)).heard
        rang = "yes" if len(carrier.rang()) > before else "no"
        if len(carrier.alerted()) > alerts:
            rang += ", and staff are alerted"
        table.add_row(one.what, one.extension.name, one.dialled, _say(heard), rang)
    console.print(table)


def _tell_within(console: Console, switch: Switch, folder: Path) -> None:
    within = [
        Within("INVITE", ""),
        Within("REFER", RESTRICTED),
        Within("INVITE", RESTRICTED),
        *(Within("INFO", digit) for digit in RESTRICTED),
    ]
    heard = dial(switch, [Call("within", NAMED, FREE)], folder, within=within).heard
    table = Table(title="Within a call to his mother", title_justify="left")
    for column in ("what the phone does", "the phone heard"):
        table.add_column(column)
    names = ("hold", "transfer to the restricted number", "move the call to the restricted number")
    for name, one in zip(names, heard[1:4], strict=True):
        table.add_row(name, _say([one]))
    table.add_row(
        "the restricted number, keyed: first ten digits", ", ".join({_say([h]) for h in heard[4:14]})
    )
    table.add_row("its last digit", _say(heard[14:]))
    console.print(table)


def _say(heard: list[Heard]) -> str:
    if not heard:
        return "nothing"
    words = {200: "200 answered", 202: "202 accepted", 603: "603 declined", 503: "503 check unavailable"}
    return words.get(heard[-1].status, str(heard[-1].status))


def wait_for_list(url: str) -> None:
    """Until the service answers with a list. Raises NotServingError."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if httpx.get(f"{url}/health/ready").status_code == 200:
            return
        time.sleep(0.1)
    raise NotServingError("the service does not get ready")


if __name__ == "__main__":
    sys.exit(main())
