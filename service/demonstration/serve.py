"""`make run`: the service with the demonstration in it, and how to try it.

    python -m service.demonstration.serve

Makes everything anew in `var/demonstration/service`: restrictions, register, people with passwords of this
run, and a morning's attempts, so that the console has something to show. Then it serves until it is stopped.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import msgspec
from rich.console import Console

from service import demonstration
from service.access.model import Principal, Role
from service.check.deciding import Decider
from service.console import assets
from service.demonstration import Demonstration, requests, tray
from service.migrations import schema
from service.operations import logs
from service.registry import importing
from service.serving import serve
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database
from service.system import System, open_system

FOLDER = Path("var/demonstration/service")
KEY, FORM_PORT = "intake.pub", 8090
SWITCH = Principal("key:demonstration", frozenset({Role.PHONE_SYSTEM, Role.MAILROOM}))
SCANNER = Principal("key:scanner", frozenset({Role.MAILROOM}))
OPERATOR = Principal("operator:demonstration", frozenset({Role.ADMIN}))
A_MORNING_AT_ONCE = {"prisoner_rate": 1e9, "unknown_rate": 1e9}
"""Settings to fill it with: what comes over hours comes within a second."""
PEOPLE = {
    "reviewer": (frozenset({Role.REVIEWER}), "Rita Review"),
    "second": (frozenset({Role.REVIEWER}), "Sam Second"),
    "mailroom": (frozenset({Role.MAILROOM}), "Mo Mailroom"),
    "officer": (frozenset({Role.CASE_OFFICER}), "Colin Case"),
    "officer2": (frozenset({Role.CASE_OFFICER}), "Cora Case"),
    "auditor": (frozenset({Role.AUDITOR}), "Audrey Audit"),
    "administrator": (frozenset({Role.ADMIN}), "Ada Admin"),
}
"""Accounts of the demonstration: name, roles, and what is shown."""


def main() -> int:
    """Prepare it, say how to try it, and serve. Exit status 1 when the address cannot be had."""
    console = Console(highlight=False, soft_wrap=True)
    settings = _settings()
    logs.configure(settings.log_level)
    shutil.rmtree(settings.data, ignore_errors=True)
    if settings.intake is not None:
        settings.intake.mkdir(parents=True, exist_ok=True)
    made = demonstration.make()
    passwords, key = prepare(settings, made)
    form_port = _free_port(settings.host, FORM_PORT)
    _tell(console, settings, made, passwords, key, form_port)
    try:
        with _public_form(settings, form_port):
            serve(settings)
    except OSError as error:
        print(f"nocontact: {error.strerror}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def _public_form(settings: Settings, port: int) -> Iterator[None]:
    """The public form beside it, a process of its own that has the folder and the public key."""
    command = [sys.executable, "-c", "from service.cli.main import main; main()", "public"]
    command += ["--intake", str(settings.intake), "--key", str(settings.data / KEY), "--port", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as form:  # noqa: S603 - our own words only
        try:
            yield
        finally:
            form.terminate()


def prepare(settings: Settings, made: Demonstration) -> tuple[dict[str, str], str]:
    """A database with the demonstration in it; gives the passwords by account, and a phone system's key."""
    database = Database(settings.url)
    master = sealing.new_master_key()
    sealing.write_master_key(settings.master_key_file, master)
    schema.create(database)
    with database.write() as connection:
        sealing.make_keys(connection, master)
    database.close()
    with open_system(settings.model_copy(update=A_MORNING_AT_ONCE)) as system:
        importing.import_restrictions(system.registry, OPERATOR.id, _lines(made.restrictions))
        importing.import_register(system.registry, OPERATOR.id, _lines(made.confidential))
        system.current.refresh()
        asyncio.run(_attempt_all(system, made))
        requests.fill(system)
        passwords = {name: _account(system, name) for name in PEOPLE}
        roles = (Role.PHONE_SYSTEM,)
        key = system.access.keys.create(OPERATOR, "demonstration-switch", roles, (), label="make run", days=1)
        public = base64.b64encode(system.vault.intake_key.public_key().public_bytes_raw())
        (settings.data / KEY).write_bytes(public)
    return passwords, key.secret


async def _attempt_all(system: System, made: Demonstration) -> None:
    """Everything that is attempted in a morning, and a tray of letters that is still to be looked at."""
    decider = Decider(system)
    screener = decider.screener()
    begun = [decider.attempt(SWITCH, attempt, screener) for attempt in made.attempts]
    await asyncio.gather(*(decider.recorded(one) for one in begun))
    await tray.fill(system, decider, SCANNER, made)


def _account(system: System, name: str) -> str:
    """An account with a password of this run."""
    roles, shown = PEOPLE[name]
    temporary = system.access.accounts.create(OPERATOR, name, shown, roles, ()).password
    password = secrets.token_urlsafe(12)
    system.access.accounts.change_password(name, temporary, password)
    return password


def _tell(
    console: Console,
    settings: Settings,
    made: Demonstration,
    passwords: dict[str, str],
    key: str,
    form_port: int,
) -> None:
    url = f"http://localhost:{settings.port}"
    listed = next(
        contact.value for one in made.restrictions for contact in one.contacts if contact.kind == "phone"
    )
    console.print("\n[bold]The service[/bold], with the demonstration in it\n")
    console.print(f"Console  {url}", markup=False)
    if not assets.are_there():
        console.print("         without styles: they come from npm, by `make assets`")
    for name, password in passwords.items():
        console.print(f"         {name:14} {password}", markup=False)
    console.print(f"Tray     {url}/mail/{tray.TRAY}, as mailroom", markup=False)
    console.print(f"Cases    {url}/cases, as officer", markup=False)
    console.print(f"Form     http://localhost:{form_port}, for anybody who asks", markup=False)
    console.print(f"API      {url}/docs\n", markup=False)
    headers = f"-H 'Authorization: Bearer {key}' -H 'Content-Type: application/json'"
    head = f"curl -s {url}/v1/check/call {headers} -d"
    tried = datetime.now(UTC).strftime("%H%M%S")
    for number, to in enumerate((listed, f"141 {listed}", "020 7946 0018"), 1):
        body = {"id": f"try-{tried}-{number}", "prisoner": "X1234BC", "establishment": "LEI", "to": to}
        console.print(f"{head} '{msgspec.json.encode(body).decode()}'", markup=False)
    console.print("\nCtrl-C stops it.\n")


def _settings() -> Settings:
    """The settings, on a folder of the demonstration's own, and on a free port where theirs is taken."""
    settings = Settings(
        data=FOLDER,
        database_url=None,
        key=None,
        key_file=None,
        secure_cookies=True,
        intake=FOLDER.parent / "intake",
    )
    return settings.model_copy(update={"port": _free_port(settings.host, settings.port)})


def _free_port(host: str, wanted: int) -> int:
    """The port that is wanted, or another where that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError:
            probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _lines(rows: Iterable[msgspec.Struct]) -> BytesIO:
    return BytesIO(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
