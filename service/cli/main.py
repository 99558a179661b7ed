"""The `nocontact` command: every command's name, options and help.

What a command does is imported when it runs, so that none pays for what another one loads.
"""

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.cli import of_nodes
from service.cli.options import (
    PATH,
    at_option,
    confidential_option,
    data_option,
    days_option,
    file_argument,
    policy_option,
    processes_option,
    restrictions_option,
)

if TYPE_CHECKING:
    from service.access.model import Role


class Roles(click.ParamType["Role"]):
    """What a machine may be; its names are loaded where they are needed."""

    name = "role"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "Role":
        """The role of that name."""
        from service.access.model import Role

        try:
            return Role(value)
        except ValueError:
            self.fail(f"{value!r} is none of {', '.join(Role)}", param, ctx)


@click.group(context_settings={"max_content_width": 110})
def app() -> None:
    """Answers every outgoing call, message and letter of a prisoner: allow, block or flag, and why."""


@app.command()
@click.argument("attempts")
@restrictions_option
@confidential_option
@policy_option
@at_option
def screen(
    attempts: str, restrictions: Path, confidential: Path | None, policy: Path | None, at: str | None
) -> None:
    """Decide on a file of attempts: one decision a line on standard output, in the same order.

    ATTEMPTS is a file of them, one JSON object a line; - is standard input.

    A line that cannot be read gives {"line": N, "error": "..."} in its place, and exit status 1 at the end.
    """
    gc.disable()  # what is loaded stays: nothing is looked for in it, a tenth of the start
    from service.cli import files

    gc.enable()
    files.screen(files.Files(restrictions, confidential, policy), attempts, at)


@app.command()
@click.argument("attempt", required=False)
@restrictions_option
@click.option("--call", metavar="NUMBER", help="A number that is called.")
@click.option("--message", metavar="RECIPIENT", help="A message's recipient: number, e-mail or @handle.")
@click.option("--letter", metavar="ADDRESS", help=r"An envelope's address; \n or a comma between lines.")
@click.option("--body", metavar="TEXT", help="What the message or letter says.")
@click.option("--prisoner", metavar="NUMBER", help="Who tries.")
@click.option("--establishment", metavar="CODE", help="From which prison.")
@click.option("--against", metavar="ID", help="A restriction to hold beside it in any case: why not?")
@confidential_option
@policy_option
@at_option
def explain(
    attempt: str | None,
    restrictions: Path,
    call: str | None,
    message: str | None,
    letter: str | None,
    body: str | None,
    prisoner: str | None,
    establishment: str | None,
    against: str | None,
    confidential: Path | None,
    policy: Path | None,
    at: str | None,
) -> None:
    """Show one attempt to a person: what was read, what it was compared with, each step, and the answer.

    ATTEMPT is one as JSON; - reads it from standard input.
    """
    gc.disable()  # what is loaded stays: nothing is looked for in it, a tenth of the start
    from service.cli import files

    gc.enable()
    recipients = {"call": call, "message": message, "letter": letter}
    more = {"body": body, "prisoner": prisoner, "establishment": establishment}
    files.explain(
        files.Files(restrictions, confidential, policy), attempt, recipients, more, restriction=against, at=at
    )


@app.command()
@click.argument("value")
@click.option(
    "--kind",
    type=click.Choice(["phone", "email", "handle", "address"]),
    help="Which field it is; without it, what the value looks like.",
)
@click.option("--establishment", metavar="CODE", help="The restriction's prison, for local numbers.")
@click.option("--register", is_flag=True, help="For the confidential register, which may name more.")
def read(value: str, kind: Any, establishment: str | None, register: bool) -> None:
    """Show what a contact point's field is read as: each value, what it will stop, and what is refused.

    VALUE is what stands in the field.
    """
    from service.cli import reading

    reading.read(value, kind, establishment, register)


@app.command()
@data_option
def init(data: Path | None) -> None:
    """Make the tables, the master key and the first administrator; print her password, once."""
    from service.cli import operator

    operator.init(data)


@app.command()
@data_option
def serve(data: Path | None) -> None:
    """Answer until told to stop. Prints the address that it listens on."""
    gc.disable()  # what is loaded stays; until it listens nothing is looked for in it, a quarter of the start
    from service.cli import operator

    operator.serve(data)


@app.command()
@click.option("--intake", metavar="FOLDER", help="Folder into which sealed requests are put.")
@click.option("--key", metavar="FILE", help="The case handlers' public key, 32 bytes in base64.")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.")
def public(intake: str | None, key: str | None, host: str | None, port: int | None) -> None:
    """Show the public form, and seal what is asked. Reads no database, and can open nothing that it seals."""
    from service.cli import asking

    asking.serve(intake=intake, key_file=key, host=host, port=port)


@app.command()
@click.option(
    "--role",
    type=Roles(),
    multiple=True,
    required=True,
    help="What the machine is; more than one is possible.",
)
@click.option("--label", required=True, help="What it is for.")
@click.option("--prison", multiple=True, help="Its prison; without it, every prison.")
@click.option("--days", type=int, help="How long it holds; a year where nothing is said.")
@data_option
def key(
    role: Sequence["Role"], label: str, prison: Sequence[str], days: int | None, data: Path | None
) -> None:
    """Make an API key for a machine, and print it once, as the last word."""
    from service.access.model import DAYS
    from service.cli import operator

    operator.key(data, role, prison, label, DAYS if days is None else days)


for _command in of_nodes.COMMANDS:
    app.add_command(_command)


@app.command(name="intake-key")
@data_option
def intake_key(data: Path | None) -> None:
    """Print the public key with which the public form seals what is asked."""
    from service.cli import operator

    operator.intake_key(data)


@app.command(name="import")
@click.argument("file", metavar="FILE")
@click.option("--confidential", is_flag=True, help="Into the confidential register.")
@click.option("--replace", is_flag=True, help="The file is the whole list: what is not in it goes.")
@data_option
def import_(file: str, confidential: bool, replace: bool, data: Path | None) -> None:
    """Take restrictions into the registry, or entries into the confidential register.

    FILE is JSON Lines; - is standard input. A line that cannot be used is told by its number, with exit
    status 1; all others are taken in. What would loosen a restriction, and a list that is 5 % smaller, wait
    for a second person.
    """
    from service.cli import operator

    operator.import_(data, file, confidential=confidential, replace=replace)


@app.command(name="import-prisoners")
@click.argument("file", metavar="FILE")
@data_option
def import_prisoners(file: str, data: Path | None) -> None:
    """Take prisoners into the directory: number, name, aliases, date of birth, prison.

    FILE is CSV with a line of column names; - is standard input. A line that cannot be used is told by its
    number, with exit status 1; all others are taken in. Who is no longer in the file stays.
    """
    from service.cli import operator

    operator.import_prisoners(data, file)


@app.command()
@click.option("--confidential", is_flag=True, help="The confidential register.")
@data_option
def export(confidential: bool, data: Path | None) -> None:
    """Write every restriction in force to standard output, in the clear. That is recorded as a view."""
    from service.cli import operator

    operator.export(data, confidential=confidential)


@app.command()
@click.option(
    "--checkpoints",
    "checkpoint_file",
    type=PATH,
    metavar="FILE",
    help="Where they are kept; without it, the folders of the settings.",
)
@click.option(
    "--public-key",
    type=PATH,
    metavar="FILE",
    help="The ledger's key, kept elsewhere; without it, the database's own.",
)
@data_option
def verify(checkpoint_file: Path | None, public_key: Path | None, data: Path | None) -> None:
    """Check that no record of the ledger was changed, removed, put elsewhere or cut off; say where."""
    from service.cli import operator

    operator.verify(data, checkpoint_file, public_key)


@app.command()
@click.argument("record", type=click.IntRange(min=1))
@file_argument
@click.option(
    "--since",
    type=PATH,
    metavar="FILE",
    help="An older checkpoint: the ledger is shown to go on from it.",
)
@data_option
def proof(record: int, file: Path, since: Path | None, data: Path | None) -> None:
    """Write what proves one record to somebody outside, a court's expert say. That is recorded as a view.

    RECORD is its number, FILE what is written.
    """
    from service.cli import operator

    operator.proof(data, record, file, since)


@app.command("accept-rollback")
@click.option("--why", required=True, help="What was restored, and on whose word.")
@data_option
def accept_rollback(why: str, data: Path | None) -> None:
    """Record that an older database was put back on purpose: the service starts on it again.

    Stop the service first. What was recorded between the two is gone, and the ledger says so from then on.
    """
    from service.cli import operator

    operator.accept_rollback(data, why)


@app.command()
@click.option("--policy", type=PATH, required=True, metavar="FILE", help="The policy that is tried, as TOML.")
@days_option
@click.option(
    "--parquet",
    type=PATH,
    metavar="FOLDER",
    help="Export them there, and screen them on all cores or a cluster.",
)
@processes_option
@data_option
def backtest(policy: Path, days: int, parquet: Path | None, processes: int | None, data: Path | None) -> None:
    """Show what another policy would have decided in the last days. Nothing is changed by it.

    With --parquet, what is kept in FOLDER is protected data, sealed as it is in the ledger; one that was
    killed goes on where it was.
    """
    from service.cli import backtesting

    backtesting.backtest(data, policy, days, parquet, processes)


@app.command()
@click.option("--parquet", type=PATH, required=True, metavar="FOLDER", help="Where attempts are exported to.")
@days_option
@click.option(
    "--restrictions",
    type=PATH,
    metavar="FILE",
    help="What was allowed is held against these alone: what they would have stopped.",
)
@processes_option
@data_option
def rescreen(
    parquet: Path, days: int, restrictions: Path | None, processes: int | None, data: Path | None
) -> None:
    """Screen the attempts of the last days again, on all cores or a cluster: what would be answered
    otherwise today, on the list and by the policy in force, than it was.

    What is kept in FOLDER is protected data, sealed as it is in the ledger; one that was killed goes on
    where it was.
    """
    from service.cli import backtesting

    backtesting.rescreen(data, parquet, days, processes, restrictions)


@app.command()
@click.argument("prisoners", nargs=-1, metavar="[PRISONER…]")
@data_option
def reconcile(prisoners: Sequence[str], data: Path | None) -> None:
    """Read lists in the phone system now; print what is to be put right, as JSON Lines without numbers.

    Without a PRISONER, all of them are read.
    """
    from service.cli import operator

    operator.reconcile(data, prisoners)


@app.command()
@file_argument
@data_option
def backup(file: Path, data: Path | None) -> None:
    """Write everything but the master key into one file, while the service goes on."""
    from service.cli import operator

    operator.backup(data, file)


@app.command()
@file_argument
@data_option
def restore(file: Path, data: Path | None) -> None:
    """Bring a backup back into an empty data folder and database. The master key has to be in its place."""
    from service.cli import operator

    operator.restore(data, file)


@app.command()
@click.option(
    "--new-key-file",
    type=PATH,
    required=True,
    metavar="FILE",
    help="Where the new master key is written.",
)
@data_option
def rotate(new_key_file: Path, data: Path | None) -> None:
    """Make a new data key, which seals from now on, and wrap every one under a new master key.

    Stop the service first; start it with the new key file. The old key opens older backups still.
    """
    from service.cli import operator

    operator.rotate(data, new_key_file)


@app.command("save-blocklist")
@file_argument
@data_option
def save_blocklist(file: Path, data: Path | None) -> None:
    """Write the blocklist in force into a file, for a switch that has to answer when no node does.

    It holds restricted numbers and addresses: only this user can read it. Written in one step; its time is
    when it was known to be current. Run it every few minutes. A list that lost restrictions is written as the
    service would hold it, so that nothing is allowed on it, with exit status 1.
    """
    from service.cli import operator

    operator.save_blocklist(data, file)


def main() -> None:
    """Run the command; a closed pipe ends it quietly."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(141) from None
