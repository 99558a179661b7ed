"""Files of npm packages that tests and benchmarks need: fetched once and kept in `var`, out of git."""

from __future__ import annotations

import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from service.console.assets import download, member

VAR = Path(__file__).parents[1] / "var"


def kept(package: str, sha512: str, name: str, path: Path) -> bytes:
    """What one file of a package holds; `path` is where it is kept. Raises AssetsError."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".fetching-", dir=path.parent) as folder:
            with tarfile.open(download(package, sha512, Path(folder))) as tar:
                whole = Path(folder) / path.name
                whole.write_bytes(member(tar, package, f"package/{name}"))
            whole.replace(path)
    return path.read_bytes()
