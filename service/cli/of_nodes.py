"""The commands of nodes and canaries: every command's name, options and help.

What a command does is imported when it runs.
"""

import gc
from pathlib import Path

import click

from service.cli.options import PATH, data_option, file_argument


@click.command()
@click.option(
    "--enrolment",
    type=PATH,
    required=True,
    metavar="FILE",
    help="What `nocontact node-add` printed at the centre.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Processes that answer, with one list in memory; else NOCONTACT_NODE_WORKERS, or 1.",
)
@data_option
def node(enrolment: Path, workers: int | None, data: Path | None) -> None:
    """Answer checks in a prison, by the list that the centre publishes, also when nothing else is there."""
    gc.disable()
    from service.cli import starting

    starting.node(data, enrolment, workers)


@click.command(name="node-add")
@click.argument("name", metavar="NAME")
@click.option("--prison", required=True, help="Its prison, as LEI.")
@click.option("--centre", help="Where it reaches this service; else NOCONTACT_PUBLIC_URL.")
@data_option
def node_add(name: str, prison: str, centre: str | None, data: Path | None) -> None:
    """Enrol a node for a prison; print what it needs to begin, a JSON object with its secret token, once.

    NAME has 2 to 40 of a-z, 0-9 and -.
    """
    from service.cli import nodes

    nodes.add(data, name, prison, centre)


@click.command(name="node-withdraw")
@click.argument("name", metavar="NAME")
@data_option
def node_withdraw(name: str, data: Path | None) -> None:
    """End a node: its token, and the key of the feed that it had. All others get another key."""
    from service.cli import nodes

    nodes.withdraw(data, name)


@click.command(name="feed-anew")
@click.option("--why", required=True, help="Why, for the ledger.")
@data_option
def feed_anew(why: str, data: Path | None) -> None:
    """Let nodes take this centre's list although they have later changes: after a restore, and nothing else.

    First bring back what is missing: whatever is not in this list then holds in no prison.
    """
    from service.cli import nodes

    nodes.begin_anew(data, why)


@click.command(name="nodes")
@data_option
def show_nodes(data: Path | None) -> None:
    """Print how each node is, one JSON object a line: what it has, since when it lacks something, and why.

    Exit status 1 where one is silent or behind for longer than NOCONTACT_NODE_SILENT.
    """
    from service.cli import nodes

    if not nodes.show(data):
        raise click.exceptions.Exit(1)


@click.command(name="canary-add")
@click.argument("prison", metavar="PRISON")
@click.option("--number", required=True, help="A telephone number of the service's own: it gets restricted.")
@click.option("--beside", required=True, help="Another one, never restricted: texts with the first go there.")
@click.option("--address", required=True, help="An address of its own: number and street, town, postcode.")
@data_option
def canary_add(prison: str, number: str, beside: str, address: str, data: Path | None) -> None:
    """Make a prison's canary, a restriction that is tried on purpose; print the file that asks about it.

    PRISON is its code, as LEI.
    """
    from service.cli import canaries

    canaries.add(data, prison, number, beside, address)


@click.command(name="canaries")
@file_argument
def ask_canaries(file: Path) -> None:
    """Ask once about a prison's canary at every entrance that FILE names; print what was answered, one JSON
    object a line, and tell the node.

    Exit status 1 where one was not stopped.
    """
    from service.cli import canaries

    if not canaries.run(file):
        raise click.exceptions.Exit(1)


COMMANDS: tuple[click.Command, ...] = (
    node,
    node_add,
    node_withdraw,
    feed_anew,
    show_nodes,
    canary_add,
    ask_canaries,
)
