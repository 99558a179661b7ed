"""Pictures of every page of the public form, wide and narrow, to be looked at.

python -m tests.service.public.screenshots [en|cy]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from service.public.waiting import QUICKEST
from tests.service.console.browser import browsing
from tests.service.public.keyboard import Keyboard
from tests.service.public.running import form_in
from tests.service.public.visiting import CONTINUING, SELF

FOLDER = Path("var/screenshots")
WIDTHS = (1280, 320)


def main() -> int:
    """Take them; prints each path."""
    languages = sys.argv[1:] or ["en", "cy"]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        form_in(Path(folder), telephone="0113 496 0199", send_at_once="2") as form,
        browsing() as browser,
    ):
        for language, (name, way), width in (
            (language, named, width)
            for language in languages
            for named in (("request", SELF), ("report", CONTINUING))
            for width in WIDTHS
        ):
            page = browser.new_page(base_url=form.url, viewport={"width": width, "height": 720})
            seen: list[Path] = []

            def look(
                page: Page,
                seen: list[Path] = seen,
                start: str = f"public-{language}-{name}",
                width: int = width,
            ) -> None:
                seen.append(FOLDER / f"{start}-{len(seen):02}-{width}.png")
                page.screenshot(path=seen[-1], full_page=True)

            page.goto("/" if language == "en" else "/cy")
            look(page)
            keyboard = Keyboard(page, look)
            keyboard.go(".govuk-button--start")
            keyboard.press("next")  # what is wrong with an empty page
            keyboard.answer(way)
            if name == "report":
                keyboard.press("evidence")
            time.sleep(QUICKEST)
            keyboard.press("send")
            print(*seen, sep="\n")
            page.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
