"""`python -m service.demonstration FOLDER`: write the demonstration's files."""

from pathlib import Path
from typing import Annotated

import typer

from service import demonstration


def main(
    folder: Annotated[Path, typer.Argument(help="Where the four files go.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    restrictions: Annotated[int, typer.Option(help="How many restrictions.")] = 200,
    attempts: Annotated[int, typer.Option(help="How many attempts.")] = 1_000,
) -> None:
    """Write restrictions.jsonl, confidential.jsonl, attempts.jsonl and expected.jsonl."""
    try:
        made = demonstration.make(seed, restrictions, attempts)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    demonstration.write(made, folder)
    print(f"{len(made.restrictions):,} restrictions and {len(made.attempts):,} attempts in {folder}")


if __name__ == "__main__":
    typer.run(main)
