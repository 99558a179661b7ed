"""A real Chromium at a real console: the application on a free port, and people who are signed in."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks import debian
from benchmarks.free_port import free_port
from service.access.model import Principal, Role
from service.operations.logs import UVICORN
from tests.service.console.conftest import Console

PATIENCE = 30
"""Seconds until what is expected of a page has not come: other tests are at work on the same cores."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Where Chromium is; Debian's is installed where this runs as root. Raises RuntimeError without one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or debian.program("chromium")
    if found is None:
        raise RuntimeError("no Chromium: apt-get install chromium")
    return found


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser."""
    expect.set_options(timeout=PATIENCE * 1_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """An application on a port of its own; gives its address."""
    port = free_port()
    config = uvicorn.Config(app, "127.0.0.1", port, lifespan="off", ws="none", **UVICORN)
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield f"http://localhost:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


@dataclass
class People:
    """Opens a window for somebody who is signed in."""

    browser: Browser
    console: Console
    url: str

    def window(
        self,
        *roles: Role,
        name: str = "visitor",
        prisons: tuple[str, ...] = (),
        width: int = 1280,
        script: bool = True,
        zoom: float = 1,
    ) -> BrowserContext:
        """A browser's window of one person. `zoom` 2 is 200 %: half as many CSS pixels, twice as large."""
        who = Principal(f"oidc:{name}", frozenset(roles), frozenset(prisons), name=name.title(), person=True)
        sessions = self.console.system.access.sessions
        with self.console.system.database.write() as connection:
            begun = sessions.begin_for_subject(connection, who, name)
        context = self.browser.new_context(
            base_url=self.url,
            java_script_enabled=script,
            viewport={"width": int(width / zoom), "height": int(800 / zoom)},
            device_scale_factor=zoom,
        )
        cookie: SetCookieParam = {
            "name": sessions.cookie,
            "value": begun.token,
            "url": self.url.replace("http:", "https:"),
            "secure": True,
            "httpOnly": True,
            "sameSite": "Lax",
        }
        context.add_cookies([cookie])
        return context


def opened(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """A page, and what the browser complains of."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    return page, complaints
