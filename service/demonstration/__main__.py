"""`python -m service.demonstration FOLDER`: write the demonstration's files."""

from pathlib import Path

import click

from service import demonstration


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same bytes.")
@click.option("--restrictions", default=200, show_default=True, help="How many restrictions.")
@click.option("--attempts", default=1_000, show_default=True, help="How many attempts.")
def main(folder: Path, seed: int, restrictions: int, attempts: int) -> None:
    """Write restrictions.jsonl, confidential.jsonl, attempts.jsonl and expected.jsonl."""
    try:
        made = demonstration.make(seed, restrictions, attempts)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    demonstration.write(made, folder)
    print(f"{len(made.restrictions):,} restrictions and {len(made.attempts):,} attempts in {folder}")


if __name__ == "__main__":
    main()
