"""axe-core, fetched from its npm package and run in a page."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from benchmarks.npm import VAR, kept

PACKAGE = "axe-core@4.11.1"
SHA512 = "BASOg+YwO2C+346x3LZOeoovTIoTrRqEsqMa6fmfAV0P+U9mFr9NsyOEpiYvFjbc64NMrSswhV50WdXzdb/Z5A=="
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@cache
def script() -> str:
    """axe's source; fetched once and kept out of the repository."""
    return kept(PACKAGE, SHA512, "axe.min.js", VAR / "axe" / PACKAGE / "axe.min.js").decode()


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
