"""Tables of facts: tab-separated files, each with its source in the first line."""

from collections.abc import Iterator
from importlib.resources import files


def rows(name: str, package: str = __name__) -> Iterator[list[str]]:
    """The rows of a packaged table, without comments and empty lines.

    `name` is the file's name without `.tsv`, in `package`. A row is a list of its tab-separated fields.
    Raises FileNotFoundError when the package has no such table.
    """
    text = files(package).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line[:1] == "#" and (line[1:2] == " " or "\t" not in line):
            continue
        if line and not line.isspace():
            yield line.split("\t")
