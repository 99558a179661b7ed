"""English and Welsh: every text is there in both, and a page has one language."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from service.public.words import CATALOGUE, catalogue, words
from tests.service.public.visiting import CONTINUING, SELF, Desk, Visitor

ROOT = Path(__file__).parents[3]


def texts() -> set[str]:
    """Every text that is marked for the translator."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    methods = [(one["pattern"], one["method"]) for one in mappings]
    found = extract_from_dir(ROOT / "service/public", methods)
    return {str(text) for _file, _line, text, _comments, _context in found}


def test_the_catalogue_is_read_as_what_keeps_it_reads_it() -> None:
    with CATALOGUE.open("rb") as file:
        kept = {str(one.id): str(one.string) for one in read_po(file) if one.id}
    assert catalogue(CATALOGUE.read_text("utf-8")) == kept
    assert catalogue(
        'msgid ""\nmsgstr "x"\n\n#, fuzzy\nmsgid "a"\n"\\"b\\n"\nmsgstr ""\n"c"\n#~ msgid "d"\n'
    ) == {'a"b\n': "c"}


def test_every_text_is_in_the_catalogue_and_no_other() -> None:
    with CATALOGUE.open("rb") as file:
        kept = {str(one.id): str(one.string) for one in read_po(file) if one.id}
    assert set(kept) == texts()
    assert len(kept) > 150
    for english, welsh in kept.items():
        assert welsh
        assert sorted(re.findall(r"%\(\w+\)\w", english)) == sorted(re.findall(r"%\(\w+\)\w", welsh))


def test_a_text_is_filled_in_and_one_without_translation_is_said_in_english() -> None:
    assert words("cy")("You can also call %(telephone)s.", telephone="1") == "Gallwch hefyd ffonio 1."
    assert words("cy")("100 % of it") == words("en")("100 % of it") == "100 % of it"


@pytest.mark.parametrize("pages", [SELF, CONTINUING], ids=["a request", "a report"])
def test_a_welsh_page_has_no_english_on_it(tmp_path: Path, pages: tuple[dict[str, str], ...]) -> None:
    desk = Desk(tmp_path / "intake")
    visitor = Visitor(desk, "/cy/form")
    visitor.press("next")
    visitor.answer(*pages)
    if pages is CONTINUING:
        visitor.press("evidence")
    visitor.press("send")
    seen = [page.text for page in (*visitor.seen, desk.ask("GET", "/cy"), desk.ask("GET", "/cy/nothing"))]
    assert "Rydym wedi ei dderbyn" in visitor.text
    say = words("cy")
    english = [re.escape(text.split("%")[0].strip()) for text in texts() if say(text) != text]
    there = re.compile("|".join(f">\\s*{text}\\s*<" for text in english if text))
    for page in seen:
        assert '<html lang="cy"' in page
        assert there.findall(page) == []
    assert desk.taken()[0].asker.language == "cy"
