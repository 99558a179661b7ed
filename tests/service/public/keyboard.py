"""Somebody at the form in a real browser, with a keyboard and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playwright.sync_api import Page

MOST_TABS = 120


class Keyboard:
    """Hands on a page. Counts what is pressed."""

    def __init__(self, page: Page, look: Callable[[Page], None] = lambda page: None) -> None:
        """`look` is called on each page before it is answered, and again when it is filled in."""
        self.page, self._look = page, look
        self.pressed = self.typed = 0
        """Keys in all, and those of them that are letters of an answer."""

    def key(self, name: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(name)

    def type(self, text: str) -> None:
        for line, words in enumerate(text.split("\n")):
            if line:
                self.key("Enter")
            self.pressed += len(words)
            self.typed += len(words)
            self.page.keyboard.type(words)

    def to(self, selector: str) -> None:
        """Tab until something has the focus."""
        for _ in range(MOST_TABS):
            if self.page.evaluate("one => document.activeElement.matches(one)", selector):
                return
            self.key("Tab")
        raise AssertionError(f"{selector} is not reached by keyboard")

    def go(self, selector: str) -> None:
        """Press a button, and see the next page."""
        self.to(selector)
        with self.page.expect_navigation():
            self.key("Enter")
        self._look(self.page)

    def press(self, go: str) -> None:
        """One of the form's buttons."""
        self.go(f'button[name="go"][value="{go}"]')

    def answer(self, pages: Sequence[Mapping[str, Any]]) -> None:
        """Page after page."""
        for given in pages:
            for name, value in given.items():
                self._fill(name, value)
            self.press("next")

    def _fill(self, name: str, value: str | list[str]) -> None:
        fields = self.page.locator(f'[name="{name}"]:not([type=hidden])')
        kind = fields.first.get_attribute("type")
        if kind == "radio":
            self.to(f'input[name="{name}"]')
            self.key("Space")
            while not self.page.evaluate("value => document.activeElement.value === value", value):
                self.key("ArrowDown")
        elif kind == "checkbox":
            for one in value:
                self.to(f'input[name="{name}"][value="{one}"]')
                self.key("Space")
        elif isinstance(value, str):
            self.to(f'[name="{name}"]')
            self.type(value)
        elif name == "born":
            for part, one in zip(("day", "month", "year"), value, strict=True):
                self.to(f"#born-{part}")
                self.type(one)
        else:
            for place, one in enumerate(value, 1):
                if place > 1:
                    self.press("another")
                self.to(f"#{name}-{place}")
                self.type(one)
