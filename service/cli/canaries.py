"""The commands about canaries: make a prison's, and ask about it at every entrance."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click
import msgspec

from adapters.canaries import asking
from adapters.canaries.canary import Canary, CanaryTrace
from service.blocklist.in_force import make_registry
from service.cli.operator import at_work
from service.registry import canaries

BEGUN = """\
# The canary of {prison}, and where it is asked. Nothing real is at its numbers and its address: they belong
# to the service. `nocontact canaries FILE` asks once at each entrance that is named below.
[canary]
prison = "{prison}"
prisoner = "{prisoner}"
name = {name}
number = {number}
beside = {beside}
address = {address}

[node]
address = "http://127.0.0.1:8085"
# nocontact key --role phone_system --role mailroom --label canaries, on the node
key_file = "/etc/nocontact/canaries-key"

# The switch of the telephones, as a phone reaches it: an extension of its own, whose prisoner is {prisoner}.
# [switch]
# address = "192.0.2.20:5060"
# realm = "wing.example"
# extension = "9001"
# password_file = "/etc/nocontact/canaries-extension"

# The gate of texts, as the platform reaches it.
# [gate]
# address = "127.0.0.1:2775"

# The folder into which the mailroom's scanner drops pictures.
# [folder]
# path = "/srv/scans"
"""


def add(data: Path | None, prison: str, number: str, beside: str, address: str) -> None:
    """Make a prison's canary; print the file that asks about it."""
    with at_work(data) as at:
        registry = make_registry(at.settings, at.journal.database, at.journal.vault, at.journal.clock)
        made = canaries.add(registry, at.by, prison, number=number, beside=beside, address=address)
    print(begun(made), end="")


def begun(canary: Canary) -> str:
    """The file of a new canary."""
    plain = {name: getattr(canary, name) for name in ("prison", "prisoner")}
    quoted = {name: _quoted(getattr(canary, name)) for name in ("name", "number", "beside", "address")}
    return BEGUN.format(**plain, **quoted)


def run(file: Path) -> bool:
    """Ask at every entrance of the file, print each trace, and tell the node. Gives whether all is well."""
    try:
        settings = asking.read_settings(file)
        probes = list(asking.probes(settings))
        tried = asyncio.run(asking.ask(settings, probes, _tell))
    except (ValueError, OSError) as error:
        click.echo(f"canaries: {error}", err=True)
        raise click.exceptions.Exit(2) from None
    if why_not := asking.hand_in(settings, tried):
        print(f"the node did not take it: {why_not}", file=sys.stderr)
    return why_not is None and all(one.outcome == "stopped" for one in tried)


def _tell(tried: CanaryTrace) -> None:
    print(msgspec.json.encode(tried).decode(), flush=True)


def _quoted(text: str) -> str:
    """A string of TOML: JSON's are."""
    return msgspec.json.encode(text).decode()
