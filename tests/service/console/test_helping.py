"""Help: every key that does something is told, and can be turned off."""

from __future__ import annotations

import re
from pathlib import Path

from service.access.model import Role
from service.console.helping import keys, rows
from service.console.page import HEADERS
from service.console.queue import OUTCOMES
from tests.service.console.conftest import Console

TEMPLATES = Path("service/console/templates")
PAGES = {
    "On a flag of the queue": ("item.html", "queue.html"),
    "At the scanning station": ("mail_item.html", "mail_scan.html"),
    "On the list of a tray": ("mail_tray.html",),
}


def test_every_key_of_a_page_is_told_and_no_other() -> None:
    told = {page: {key for key, _ in some} for page, some in keys().items()}
    assert told == {page: set().union(*map(_keys_in, names)) for page, names in PAGES.items()}
    with_keys = {path.name for path in TEMPLATES.glob("*.html") if "data-key=" in path.read_text("utf-8")}
    assert with_keys == {name for names in PAGES.values() for name in names}


def _keys_in(name: str) -> set[str]:
    text = (TEMPLATES / name).read_text("utf-8")
    found = set(re.findall(r'data-key="(\w+)"', text))
    found |= set(re.findall(r'\{\{ (?:field|area)\("\w+", "[^"]+", "(\w)"', text))
    return found | ({key for _, _, key in OUTCOMES.values()} if name == "item.html" else set())


def test_the_glossary_is_in_order_and_tells_each_word_in_a_sentence() -> None:
    words = [word for word, _ in rows("glossary")]
    assert words == sorted(words, key=str.lower)
    assert {"Pathway", "Standing", "Flag", "Allow", "Block", "PIN phone", "Notice"} <= set(words)
    assert all(meaning.endswith(".") and meaning.count(". ") == 0 for _, meaning in rows("glossary"))


def test_single_keys_are_turned_off_in_this_browser_alone(console: Console) -> None:
    visitor, other = console.visitor(Role.REVIEWER), console.visitor(Role.REVIEWER, name="other")
    assert "nc-keyless" not in visitor.get("/help").text
    answer = visitor.post("/help/keys", keys="off")
    cookie = answer.headers["set-cookie"]
    assert answer.headers["cache-control"] == HEADERS["cache-control"]
    visitor.client.headers["cookie"] += "; " + cookie.partition(";")[0]
    assert "nc-keyless" in visitor.get("/queue").text
    assert "nc-keyless" not in other.get("/queue").text
