"""axe-core, fetched from its npm package and run in a page."""

from __future__ import annotations

import tarfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page

from service.console.assets import download

PACKAGE = "axe-core@4.11.1"
SHA512 = "BASOg+YwO2C+346x3LZOeoovTIoTrRqEsqMa6fmfAV0P+U9mFr9NsyOEpiYvFjbc64NMrSswhV50WdXzdb/Z5A=="
KEPT = Path(__file__).parents[3] / "var/axe" / PACKAGE / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@cache
def script() -> str:
    """axe's source; fetched once and kept out of the repository."""
    if not KEPT.exists():
        with TemporaryDirectory() as folder, tarfile.open(download(PACKAGE, SHA512, Path(folder))) as tar:
            member = tar.extractfile("package/axe.min.js")
            assert member is not None
            text = member.read()
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_bytes(text)
    return KEPT.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe finds wrong in a page: the rule, and the elements."""
    page.evaluate(script())
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", list(RULES)
    )
    return [
        f"{one['id']}: {'; '.join(node['html'][:160] for node in one['nodes'][:3])}"
        for one in found["violations"]
    ]
