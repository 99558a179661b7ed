"""Options and arguments that several commands have."""

from pathlib import Path
from typing import Any

import click

PATH: Any = click.Path(path_type=Path)

restrictions_option = click.option(
    "--restrictions",
    "-r",
    type=PATH,
    required=True,
    metavar="FILE",
    help="Restrictions, one JSON object a line.",
)
confidential_option = click.option(
    "--confidential",
    "-c",
    type=PATH,
    metavar="FILE",
    help="The confidential register, one JSON object a line.",
)
policy_option = click.option(
    "--policy", type=PATH, metavar="FILE", help="A policy in place of the packaged policy.toml."
)
at_option = click.option(
    "--at", metavar="TIME", help="The moment of attempts that carry none (ISO 8601); otherwise now."
)
data_option = click.option(
    "--data", type=PATH, metavar="FOLDER", help="The data folder, in place of NOCONTACT_DATA."
)
days_option = click.option(
    "--days", type=click.IntRange(min=1), default=14, show_default=True, help="How far back."
)
processes_option = click.option(
    "--processes", type=click.IntRange(min=1), metavar="N", help="How many screen; without it, one a core."
)
file_argument = click.argument("file", type=PATH, metavar="FILE")
