"""Pictures of every page, wide and narrow, to be looked at: `make screenshots`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.service.console.browser import browsing
from tests.service.console.scene import scene

FOLDER = Path("var/screenshots")
WIDTHS = (1280, 320)


def main() -> int:
    """Take them; prints each path."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with browsing() as browser, scene(browser) as made:
        for pattern, address, role in made.pages():
            name = pattern.strip("/").replace("/", "-").replace("{", "").replace("}", "").replace(":path", "")
            for width in WIDTHS:
                context = made.people.window(role, name="ann", width=width)
                page = context.new_page()
                page.goto(address)
                path = FOLDER / f"{name or 'start'}-{width}.png"
                page.screenshot(path=path, full_page=True)
                print(path)
                context.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
