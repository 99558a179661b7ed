"""The public form from its first page to the sealed file, as a browser without script has it."""

from __future__ import annotations

import asyncio
import html
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from service.operations import logs
from service.public.asked import Asker, EvidenceFile, Protected, PublicRequest, Sought
from service.public.settings import PublicSettings
from tests.repeating import times
from tests.service.public.visiting import CONTINUING, SELF, Desk, Visitor


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "intake")


def test_a_request_for_oneself_arrives_sealed(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*SELF)
    visitor.press("send")
    (asked,) = desk.taken()
    assert asked.reference in visitor.text
    assert asked == PublicRequest(
        reference=asked.reference,
        at="2026-11-30T09:30:00Z",
        kind="stop",
        asker=Asker(
            who="self",
            name="Rhoswen Tallantyre",
            email="rhoswen@example.com",
            safely="Only on weekdays\nbefore noon",
        ),
        sought=Sought(name="Osric Pellow", number="A1234BC", prison="Ambermouth", born="1985-04-03"),
        person=Protected(
            name="Rhoswen Tallantyre",
            aliases=("Rose Pellow",),
            addresses=("14 Larkmead Street\nAmbermouth\nZZ1 4AB",),
            numbers=("07700 900123",),
        ),
        court_order="Non-molestation, until May",
        how=("letter", "call"),
        urgency="soon",
        danger="no",
    )


def test_a_report_brings_its_files_as_they_are(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*CONTINUING)
    visitor.press("evidence")
    letter = bytes(range(256)) * 8_000
    visitor.press("send", files=[("letter.jpg", letter), ("../x\n.pdf", b"%PDF")])
    (asked,) = desk.taken()
    assert asked.kind == "continuing"
    assert asked.evidence[0] == EvidenceFile(name="letter.jpg", content=letter)
    assert asked.evidence[1].content == b"%PDF"
    assert asked.person.agrees == "unsure"
    assert "Files that arrived: 2" in visitor.text


def test_all_errors_of_a_page_are_told_at_once_and_beside_each_field(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*CONTINUING[:13])
    visitor.press("next", {})
    assert visitor.page.status_code == 422
    assert 'href="#knows"' in visitor.page.text
    assert 'href="#agrees"' in visitor.page.text
    assert 'id="knows-error"' in visitor.page.text
    assert 'id="agrees-error"' in visitor.page.text
    assert "<title>Error: " in visitor.page.text


def test_what_was_typed_stands_again_beside_what_is_wrong_with_it(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*SELF[:5])
    long = "x" * 201
    visitor.press("next", {"number": long, "born": ["31", "2", "1985"]})
    assert "Use 200 characters or fewer" in visitor.text
    assert "Enter a real date of birth" in visitor.text
    assert f'value="{long}"' in visitor.page.text
    visitor.press("next", {"number": "A1234BC", "born": ["1", "2", "1985"]})
    assert "What other names" in visitor.text


@pytest.mark.parametrize(("given", "said"), [({}, "Enter an email"), ({"email": "me"}, "with an @")])
def test_somebody_who_cannot_be_reached_is_asked_how(desk: Desk, given: dict[str, str], said: str) -> None:
    visitor = Visitor(desk).answer(*SELF[:3])
    visitor.press("next", given)
    assert said in visitor.text
    visitor.press("next", {"email": "", "safely": "Ask my sister at the library"})
    assert "prisoner’s name" in visitor.text


def test_another_of_several_can_be_added_and_empty_ones_are_left_out(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*SELF[:8])
    visitor.press("another", {"numbers": ["07700 900123"]})
    assert 'id="numbers-2"' in visitor.page.text
    assert "autofocus" in visitor.page.text
    visitor.press("another", {"numbers": ["07700 900123", "020 7946 0018"]})
    visitor.press("next", {"numbers": ["07700 900123", " ", "020 7946 0018"]})
    visitor.answer(*SELF[9:])
    visitor.press("send")
    assert desk.taken()[0].person.numbers == ("07700 900123", "020 7946 0018")


def test_an_answer_is_changed_from_the_check_which_it_leads_back_to(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*SELF)
    visitor.press("change numbers")
    assert 'value="07700 900123"' in visitor.page.text
    visitor.press("next", {"numbers": ["07700 900456"]})
    assert "Check your answers" in visitor.text
    visitor.press("change numbers")
    visitor.press("back")
    assert "Check your answers" in visitor.text
    visitor.press("send")
    assert desk.taken()[0].person.numbers == ("07700 900456",)


def test_who_turns_out_to_ask_for_somebody_else_is_asked_what_is_missing_and_only_that(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*SELF)
    visitor.press("change who")
    visitor.press("next", {"who": "family"})
    assert "Who does not want to be contacted?" in visitor.text
    visitor.press("back")
    assert "Who are you?" not in visitor.text, "the page before, which is not the one that was changed"
    visitor.press("next")
    assert "Who does not want to be contacted?" in visitor.text
    visitor.answer({"person": "Rhoswen Tallantyre"}, {"knows": "no", "agrees": "no"})
    assert "Check your answers" in visitor.text
    visitor.press("change who")
    visitor.press("next", {"who": "self"})
    visitor.press("send")
    assert desk.taken()[0].person.knows == "", "an answer to a question that is not asked any more"


def test_back_leads_through_every_page_to_the_start(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*CONTINUING)
    visitor.press("evidence")
    for _ in range(len(CONTINUING) + 1):
        visitor.press("back")
        assert visitor.page.status_code == 200
    visitor.press("back")
    assert "Start now" in visitor.text


def test_the_language_can_be_changed_in_the_middle_and_nothing_is_lost(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*SELF[:7])
    visitor.press("show")
    assert '<html lang="cy"' in visitor.page.text
    visitor.answer(*SELF[7:])
    visitor.press("send")
    (asked,) = desk.taken()
    assert asked.asker.language == "cy"
    assert asked.sought.number == "A1234BC"


@pytest.mark.parametrize("go", ["show", "back"])
def test_what_stands_in_the_fields_is_kept_by_every_button(desk: Desk, go: str) -> None:
    for number, page in enumerate(SELF):
        typed = {
            name: [f"{value} too" for value in values] or ["@first"]
            for name, values in page.items()
            if name in ("aliases", "addresses", "numbers", "emails", "accounts")
        }
        typed |= {"safely": ["only on Sundays"]} if "safely" in page else {}
        if not typed:
            continue
        visitor = Visitor(desk).answer(*SELF[:number])
        visitor.press(go, typed)
        if go == "back":
            visitor.press("next")
        for values in typed.values():
            assert all(html.escape(value) in visitor.page.text for value in values), typed


def test_what_is_wrong_is_kept_by_back_and_asked_about_before_it_is_sent(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*SELF[:6])
    visitor.press("back", {"aliases": ["Rosie", "007", "🦊"]})
    visitor.press("next")
    visitor.press("next")
    assert visitor.page.status_code == 422
    assert "Enter each name with at least one letter" in visitor.text
    assert "🦊" in visitor.page.text
    visitor.answer(*SELF[6:])
    visitor.press("send")
    assert desk.taken()[0].person.aliases == ("Rose Pellow",)


@pytest.mark.parametrize("email", ["@", "@ example", "rhoswen @ "])
def test_an_address_with_nothing_on_one_side_of_its_sign_is_none(desk: Desk, email: str) -> None:
    visitor = Visitor(desk).answer(*SELF[:3])
    visitor.press("next", {"email": email})
    assert visitor.page.status_code == 422


def test_a_page_that_is_loaded_again_sends_nothing_twice(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*SELF)
    forms = visitor.forms
    visitor.press("send")
    first = visitor.text
    visitor.forms = forms
    visitor.press("send")
    assert visitor.text == first
    assert len(desk.taken()) == 1


def test_nothing_is_sent_before_every_question_has_its_answer(desk: Desk) -> None:
    for go in ("send", "evidence", "show"):
        page = desk.ask("POST", "/form", data={"answers": '{"kind":"stop"}', "at": "check", "go": go})
        assert "Who are you?" in page.text
    assert desk.taken() == []


def test_files_beyond_the_bounds_are_refused_with_everything_else_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "intake", PublicSettings(evidence_files=2, evidence_bytes=1_000))
    visitor = Visitor(desk).answer(*CONTINUING)
    visitor.press("evidence")
    for files in ([("a", b"1"), ("b", b"2"), ("c", b"3")], [("a", b"x" * 1_001)]):
        visitor.press("send", files=files)
        assert visitor.page.status_code == 422
        assert 'id="evidence-error"' in visitor.page.text
    visitor.press("send", files=[("a", b"x" * 600_000)])
    assert visitor.page.status_code == 413 or "larger" in visitor.text
    assert desk.taken() == []


def test_a_full_intake_says_so_with_the_telephone_number_before_anything_is_asked(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "intake", PublicSettings(most_requests=1, telephone="0113 496 0199"))
    visitor = Visitor(desk).answer(*SELF)
    second = Visitor(desk).answer(*SELF)
    visitor.press("send")
    second.press("send")
    assert second.page.status_code == 503
    assert "It was not received" in second.text
    assert "0113 496 0199" in second.text
    for path in ("/", "/cy", "/form"):
        page = desk.ask("GET", path)
        assert page.status_code == 503
        assert "0113 496 0199" in page.text
    assert desk.ask("GET", "/health/ready").status_code == 503
    assert len(desk.taken()) == 1


def test_who_sends_too_much_presses_again_after_a_wait_that_needs_no_script(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "intake", PublicSettings(send_at_once=1, send_seconds=60))
    visitors = [Visitor(desk).answer(*SELF) for _ in range(3)]
    elsewhere = Visitor(desk, address="192.0.2.99").answer(*SELF)
    for visitor in (*visitors, elsewhere):
        visitor.press("send")
    assert [visitor.page.status_code for visitor in visitors] == [200, 429, 429]
    assert elsewhere.page.status_code == 200
    assert "Wait 60 seconds" in visitors[1].text
    assert "Wait 120 seconds" in visitors[2].text, "each keeps its own turn"
    desk.seconds += 61
    for visitor, status in zip(visitors[1:], (200, 429), strict=True):
        visitor.press("send")
        assert visitor.page.status_code == status
    desk.seconds += 60
    visitors[2].press("send")
    assert visitors[2].page.status_code == 200
    assert len(desk.taken()) == 4


def test_where_everybody_would_wait_too_long_the_page_says_how_else(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path / "intake", PublicSettings(all_send_at_once=1, all_send_seconds=600, longest_wait=900)
    )
    visitors = [Visitor(desk, address=f"192.0.2.{place}").answer(*SELF) for place in range(4)]
    for visitor in visitors:
        visitor.press("send")
    assert [visitor.page.status_code for visitor in visitors] == [200, 429, 503, 503]


@pytest.mark.parametrize("robot", ["fills in what nobody sees", "sends at once", "has no ticket of ours"])
def test_a_robot_waits_and_a_person_who_looks_like_one_is_not_lost(desk: Desk, robot: str) -> None:
    visitor = Visitor(desk).answer(*SELF)
    given = {"website": "https://example.com"} if robot.startswith("fills") else {}
    if robot.startswith("sends"):
        desk.seconds -= 118
    if robot.startswith("has"):
        given["ticket"] = "UPC-AAAA-AAAA 1.0 1.0 mark"
    visitor.press("send", given)
    assert "Wait 30 seconds" in visitor.text
    assert desk.taken() == []
    desk.seconds += 31
    visitor.press("send")
    assert "We have received it" in visitor.text
    assert desk.taken()[0].reference != "UPC-AAAA-AAAA"


def test_pages_have_a_rate_of_each_address(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "intake", PublicSettings(pages_rate=1, pages_burst=3))
    assert [desk.ask("GET", "/").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert desk.ask("GET", "/", "192.0.2.8").status_code == 200
    desk.seconds += 2
    assert desk.ask("GET", "/").status_code == 200


@pytest.mark.parametrize(
    ("content", "type_", "status"),
    [
        (b"answers=nonsense&go=next", "application/x-www-form-urlencoded", 400),
        (b'answers={"born":7}&go=next', "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"x" * 2_000_000, "application/x-www-form-urlencoded", 413),
        (b"no parts", "multipart/form-data", 400),
        (b"no parts", "multipart/form-data; boundary=x", 400),
        (b"&".join(b"a=1" for _ in range(1_000)), "application/x-www-form-urlencoded", 400),
    ],
)
def test_what_is_no_form_of_ours_is_refused_on_a_page(
    desk: Desk, content: bytes, type_: str, status: int
) -> None:
    page = desk.ask("POST", "/form", content=content, headers={"content-type": type_})
    assert page.status_code == status
    assert "We cannot read what was sent" in page.text


def test_no_page_is_kept_by_a_browser_or_sets_anything_in_it(desk: Desk) -> None:
    visitor = Visitor(desk).answer(*SELF)
    visitor.press("send")
    start = [desk.ask("GET", path) for path in ("/", "/cy", "/nothing", "/form?x=1")]
    for page in [*visitor.seen, *start]:
        assert page.headers["cache-control"] == "no-store"
        assert "set-cookie" not in page.headers
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert {page.url.path for page in visitor.seen} == {"/form"}
    assert not any(page.url.query for page in visitor.seen)


def test_styles_and_scripts_are_served_and_nothing_else(desk: Desk) -> None:
    page = desk.ask("GET", "/").text
    for name in ("govuk-frontend.min.css", "public.css", "public.js"):
        assert f"/assets/{name}" in page
        assert desk.ask("GET", f"/assets/{name}").status_code == 200
    for name in ("../app.py", "console.js", "%2e%2e/app.py", ""):
        assert desk.ask("GET", f"/assets/{name}").status_code == 404
    assert desk.ask("DELETE", "/form").status_code == 405


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=60)
NEEDED = WORDS.filter(lambda text: bool(text.strip()))


@settings(max_examples=times(12), phases=[Phase.generate])  # each walks 28 pages: none is made smaller
@given(line=NEEDED, text=WORDS, several=st.lists(NEEDED, max_size=4), file=st.binary(max_size=200))
def test_whatever_is_typed_arrives_unchanged_and_stands_in_no_log_and_no_address(
    tmp_path_factory: pytest.TempPathFactory, line: str, text: str, several: list[str], file: bytes
) -> None:
    log = io.StringIO()
    logs.configure("INFO", log)
    desk = Desk(tmp_path_factory.mktemp("intake"))
    pages: list[dict[str, Any]] = [dict(page) for page in CONTINUING]
    pages[2] = {"organisation": line, "reference": text}
    hers, names = f"A{line}", tuple(f"A{one}" for one in several)  # of a letter at the least
    pages[3] = {"asker": hers}
    pages[4] = {"safely": line}
    pages[6] = {"number": text, "prison": text, "about": text}
    pages[8] = {"aliases": names}
    pages[9] = {"addresses": several}
    pages[11] = {"emails": several}
    pages[16] = {"when": line, "happened": line}
    visitor = Visitor(desk).answer(*pages)
    for name in ("prisoner_more", "happened", "addresses"):
        visitor.press(f"change {name}")
        visitor.press("next")
    visitor.press("evidence")
    visitor.press("send", files=[("letter", file)])
    (asked,) = desk.taken()
    assert (asked.asker.organisation, asked.asker.name, asked.asker.safely) == (line, hers, line)
    assert (asked.sought.number, asked.sought.prison, asked.sought.about) == (text, text, text)
    assert asked.person.aliases == names
    assert asked.person.addresses == asked.person.emails == tuple(several)
    assert (asked.when, asked.happened) == (line, line)
    assert [one.content for one in asked.evidence] == [file]
    assert {str(page.url) for page in visitor.seen} == {"http://form/form"}
    assert log.getvalue() == ""


def test_so_many_files_are_received_at_once_and_whoever_sends_none_goes_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "intake", PublicSettings(uploads=3))
    headers = {"content-type": "multipart/form-data; boundary=x"}
    rest = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"--x\r\n"
        await rest.wait()

    async def sent(address: str, content: Any = b"--x--\r\n") -> int:
        transport = httpx.ASGITransport(desk.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://form") as client:
            return (await client.post("/form", content=content, headers=headers)).status_code

    async def all_of_it() -> list[int]:
        addresses = ("192.0.2.1", "192.0.2.1", "192.0.2.2")
        under_way = [asyncio.ensure_future(sent(address, slowly())) for address in addresses]
        await asyncio.sleep(0.05)
        refused = [await sent("192.0.2.1"), await sent("192.0.2.3")]
        headers["content-type"] = "application/x-www-form-urlencoded"
        refused.append(await sent("192.0.2.1", b"go=show"))
        rest.set()
        await asyncio.gather(*under_way)
        headers["content-type"] = "multipart/form-data; boundary=x"
        return [*refused, await sent("192.0.2.3")]

    assert asyncio.run(all_of_it()) == [503, 503, 200, 200]
