"""The `nocontact` command: every command's name, options and help.

What a command does is imported when it runs, so that none pays for what another one loads.
"""

import gc
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from service.access.model import DAYS, Role

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Answers every outgoing call, message and letter of a prisoner: allow, block or flag, and why.",
)

Restrictions = Annotated[
    Path, typer.Option("--restrictions", "-r", help="Restrictions, one JSON object a line.", metavar="FILE")
]
Confidential = Annotated[
    Path | None,
    typer.Option(
        "--confidential", "-c", help="The confidential register, one JSON object a line.", metavar="FILE"
    ),
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="A policy in place of the packaged policy.toml.", metavar="FILE"),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at", help="The moment of attempts that carry none (ISO 8601); otherwise now.", metavar="TIME"
    ),
]
Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder, in place of NOCONTACT_DATA.", metavar="FOLDER"),
]
File = Annotated[Path, typer.Argument(metavar="FILE")]


@app.command()
def screen(
    attempts: Annotated[str, typer.Argument(help="Attempts, one JSON object a line; - is standard input.")],
    restrictions: Restrictions,
    confidential: Confidential = None,
    policy: PolicyFile = None,
    at: At = None,
) -> None:
    """Decide on a file of attempts: one decision a line on standard output, in the same order.

    A line that cannot be read gives {"line": N, "error": "..."} in its place, and exit status 1 at the end.
    """
    from service.cli import files

    files.screen(files.Files(restrictions, confidential, policy), attempts, at)


@app.command()
def explain(
    restrictions: Restrictions,
    attempt: Annotated[
        str | None,
        typer.Argument(help="An attempt as JSON; - reads it from standard input.", metavar="[ATTEMPT]"),
    ] = None,
    call: Annotated[str | None, typer.Option(help="A number that is called.", metavar="NUMBER")] = None,
    message: Annotated[
        str | None,
        typer.Option(help="A message's recipient: number, e-mail or @handle.", metavar="RECIPIENT"),
    ] = None,
    letter: Annotated[
        str | None,
        typer.Option(help=r"An envelope's address; \n or a comma between lines.", metavar="ADDRESS"),
    ] = None,
    body: Annotated[str | None, typer.Option(help="What the message or letter says.", metavar="TEXT")] = None,
    prisoner: Annotated[str | None, typer.Option(help="Who tries.", metavar="NUMBER")] = None,
    establishment: Annotated[str | None, typer.Option(help="From which prison.", metavar="CODE")] = None,
    against: Annotated[
        str | None, typer.Option(help="A restriction to hold beside it in any case: why not?", metavar="ID")
    ] = None,
    confidential: Confidential = None,
    policy: PolicyFile = None,
    at: At = None,
) -> None:
    """Show one attempt to a person: what was read, what it was compared with, each step, and the answer."""
    from service.cli import files

    recipients = {"call": call, "message": message, "letter": letter}
    more = {"body": body, "prisoner": prisoner, "establishment": establishment}
    files.explain(
        files.Files(restrictions, confidential, policy), attempt, recipients, more, restriction=against, at=at
    )


@app.command()
def read(
    value: Annotated[str, typer.Argument(help="What stands in the field.", metavar="VALUE")],
    kind: Annotated[
        Literal["phone", "email", "handle", "address"] | None,
        typer.Option("--kind", help="Which field it is; without it, what the value looks like."),
    ] = None,
    establishment: Annotated[
        str | None,
        typer.Option("--establishment", help="The restriction's prison, for local numbers.", metavar="CODE"),
    ] = None,
    register: Annotated[
        bool, typer.Option("--register", help="For the confidential register, which may name more.")
    ] = False,
) -> None:
    """Show what a contact point's field is read as: each value, what it will stop, and what is refused."""
    from service.cli import reading

    reading.read(value, kind, establishment, register)


@app.command()
def init(data: Data = None) -> None:
    """Make the tables, the master key and the first administrator; print her password, once."""
    from service.cli import operator

    operator.init(data)


@app.command()
def serve(data: Data = None) -> None:
    """Answer until told to stop. Prints the address that it listens on."""
    gc.disable()  # what is loaded stays; until it listens nothing is looked for in it, a quarter of the start
    from service.cli import operator

    operator.serve(data)


@app.command()
def public(
    intake: Annotated[
        str | None,
        typer.Option("--intake", help="Folder into which sealed requests are put.", metavar="FOLDER"),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", help="The case handlers' public key, 32 bytes in base64.", metavar="FILE"),
    ] = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on; 0 takes a free one.")] = None,
) -> None:
    """Show the public form, and seal what is asked. Reads no database, and can open nothing that it seals."""
    from service.cli import asking

    asking.serve(intake=intake, key_file=key, host=host, port=port)


@app.command()
def key(
    role: Annotated[
        list[Role], typer.Option("--role", help="What the machine is; more than one is possible.")
    ],
    label: Annotated[str, typer.Option("--label", help="What it is for.")],
    prison: Annotated[
        list[str] | None, typer.Option("--prison", help="Its prison; without it, every prison.")
    ] = None,
    days: Annotated[int, typer.Option("--days", help="How long it holds.")] = DAYS,
    data: Data = None,
) -> None:
    """Make an API key for a machine, and print it once, as the last word."""
    from service.cli import operator

    operator.key(data, role, prison or (), label, days)


@app.command(name="intake-key")
def intake_key(data: Data = None) -> None:
    """Print the public key with which the public form seals what is asked."""
    from service.cli import operator

    operator.intake_key(data)


@app.command(name="import")
def import_(
    file: Annotated[str, typer.Argument(help="JSON Lines; - is standard input.", metavar="FILE")],
    confidential: Annotated[
        bool, typer.Option("--confidential", help="Into the confidential register.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="The file is the whole list: what is not in it goes.")
    ] = False,
    data: Data = None,
) -> None:
    """Take restrictions into the registry, or entries into the confidential register.

    A line that cannot be used is told by its number, with exit status 1; all others are taken in. What would
    loosen a restriction, and a list that is 5 % smaller, wait for a second person.
    """
    from service.cli import operator

    operator.import_(data, file, confidential=confidential, replace=replace)


@app.command(name="import-prisoners")
def import_prisoners(
    file: Annotated[
        str, typer.Argument(help="CSV with a line of column names; - is standard input.", metavar="FILE")
    ],
    data: Data = None,
) -> None:
    """Take prisoners into the directory: number, name, aliases, date of birth, prison.

    A line that cannot be used is told by its number, with exit status 1; all others are taken in. Who is no
    longer in the file stays.
    """
    from service.cli import operator

    operator.import_prisoners(data, file)


@app.command()
def export(
    confidential: Annotated[bool, typer.Option("--confidential", help="The confidential register.")] = False,
    data: Data = None,
) -> None:
    """Write every restriction in force to standard output, in the clear. That is recorded as a view."""
    from service.cli import operator

    operator.export(data, confidential=confidential)


@app.command()
def verify(
    checkpoint_file: Annotated[
        Path | None,
        typer.Option(
            "--checkpoints",
            help="Where they are kept; without it, the folders of the settings.",
            metavar="FILE",
        ),
    ] = None,
    public_key: Annotated[
        Path | None,
        typer.Option(
            "--public-key", help="The ledger's key, kept elsewhere; without it, the database's own."
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Check that no record of the ledger was changed, removed, put elsewhere or cut off; say where."""
    from service.cli import operator

    operator.verify(data, checkpoint_file, public_key)


@app.command()
def proof(
    record: Annotated[int, typer.Argument(min=1, help="The record's number.")],
    file: Annotated[Path, typer.Argument(help="What is written.", metavar="FILE")],
    since: Annotated[
        Path | None,
        typer.Option(
            "--since", help="An older checkpoint: the ledger is shown to go on from it.", metavar="FILE"
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Write what proves one record to somebody outside, a court's expert say. That is recorded as a view."""
    from service.cli import operator

    operator.proof(data, record, file, since)


@app.command("accept-rollback")
def accept_rollback(
    why: Annotated[str, typer.Option("--why", help="What was restored, and on whose word.")],
    data: Data = None,
) -> None:
    """Record that an older database was put back on purpose: the service starts on it again.

    Stop the service first. What was recorded between the two is gone, and the ledger says so from then on.
    """
    from service.cli import operator

    operator.accept_rollback(data, why)


@app.command()
def backtest(
    policy: Annotated[
        Path, typer.Option("--policy", help="The policy that is tried, as TOML.", metavar="FILE")
    ],
    days: Annotated[int, typer.Option("--days", min=1, help="How far back.")] = 14,
    data: Data = None,
) -> None:
    """Show what another policy would have decided in the last days. Nothing is changed by it."""
    from service.cli import operator

    operator.backtest(data, policy, days)


@app.command()
def reconcile(
    prisoners: Annotated[
        list[str] | None, typer.Argument(metavar="PRISONER…", help="All of them where none is named.")
    ] = None,
    data: Data = None,
) -> None:
    """Read lists in the phone system now; print what is to be put right, as JSON Lines without numbers."""
    from service.cli import operator

    operator.reconcile(data, prisoners or ())


@app.command()
def backup(file: File, data: Data = None) -> None:
    """Write everything but the master key into one file, while the service goes on."""
    from service.cli import operator

    operator.backup(data, file)


@app.command()
def restore(file: File, data: Data = None) -> None:
    """Bring a backup back into an empty data folder and database. The master key has to be in its place."""
    from service.cli import operator

    operator.restore(data, file)


@app.command()
def rotate(
    new_key_file: Annotated[
        Path, typer.Option("--new-key-file", help="Where the new master key is written.", metavar="FILE")
    ],
    data: Data = None,
) -> None:
    """Make a new data key, which seals from now on, and wrap every one under a new master key.

    Stop the service first; start it with the new key file. The old key opens older backups still.
    """
    from service.cli import operator

    operator.rotate(data, new_key_file)


@app.command()
def save_blocklist(file: File, data: Data = None) -> None:
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
