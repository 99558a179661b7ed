"""Pictures over HTTP: answers, trays that add up, enclosures and markings, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from service.access.model import Role
from service.ledger import search
from service.ledger.record import Kind
from service.mail.items import Items
from service.mail.standing import Standings
from service.operations.clock import Clock
from service.registry.journal import Journal
from service.review.reviews import Reviews
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import open_vault, read_master_key
from tests.adapters.mailroom.drawing import encoded, envelope
from tests.adapters.mailroom.test_hot_folder import ELSEWHERE, RESTRICTED, SENDER
from tests.service.running import Service, service_in


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service_in(tmp_path_factory.mktemp("mail")) as made:
        yield made


@pytest.fixture(scope="module")
def mailroom(service: Service) -> Iterator[httpx.Client]:
    with service.key(Role.MAILROOM) as machine:
        yield machine


def tray(machine: httpx.Client, name: str, **fields: Any) -> Any:
    answer = machine.post("/v1/mail/trays", json={"id": name, **fields})
    answer.raise_for_status()
    return answer.json()


def send(machine: httpx.Client, name: str, data: bytes, **headers: str) -> httpx.Response:
    return machine.post(f"/v1/mail/trays/{name}/items", content=data, headers=headers)


def pages(*images: Image.Image) -> bytes:
    out = BytesIO()
    images[0].save(out, "TIFF", save_all=True, append_images=list(images[1:]))
    return out.getvalue()


def newest_codes(service: Service) -> list[str]:
    """Of the last decision in the ledger."""
    database = Database(settings_of(service).url)
    with database.read() as connection:
        record = search.search(connection, kind=Kind.DECISION, limit=1)[0]
    database.close()
    return record.codes.split(",")


def settings_of(service: Service) -> Settings:
    return Settings(data=service.data, _env_file=None)  # type: ignore[call-arg]


def test_a_tray_adds_up(mailroom: httpx.Client) -> None:
    assert tray(mailroom, "T1", expected=3)["missing"] == 3
    first = send(mailroom, "T1", encoded(envelope(RESTRICTED, SENDER)), **{"x-prisoner": "X1234BC"}).json()
    assert (first["decision"], first["action"], first["place"]) == ("block", "stop", 1)
    second = send(mailroom, "T1", encoded(envelope(ELSEWHERE, SENDER))).json()
    assert (second["decision"], second["action"], second["place"]) == ("allow", "post", 2)
    again = send(mailroom, "T1", encoded(envelope(RESTRICTED, SENDER)), **{"x-prisoner": "X1234BC"}).json()
    assert again == first
    state = mailroom.get("/v1/mail/trays/T1").json()
    assert (state["items"], state["stopped"], state["missing"], state["surplus"]) == (2, 1, 1, 0)
    manifest = mailroom.get("/v1/mail/trays/T1/items").json()
    assert [(one["id"], one["place"], one["action"], one["todo"], one["done_at"]) for one in manifest] == [
        (first["id"], 1, "stop", "return", None),
        (second["id"], 2, "post", "post", None),
    ]
    assert mailroom.post("/v1/mail/trays/T1/close").status_code == 409, "one is missing"
    assert tray(mailroom, "T1", expected=2)["closed_at"] is None
    assert mailroom.post("/v1/mail/trays/T1/close").json()["closed_at"] is not None


def test_a_letter_of_several_pages_has_its_back_and_its_text_looked_at(
    service: Service, mailroom: httpx.Client
) -> None:
    tray(mailroom, "T2")
    back = envelope((), SENDER)
    body = envelope(("Please ring her on", "07700 900123", "tonight"), size=(1200, 900))
    clean = send(mailroom, "T2", pages(envelope(ELSEWHERE), back)).json()
    assert clean["decision"] == "allow", clean
    told = send(mailroom, "T2", pages(envelope(ELSEWHERE), back, body)).json()
    assert (told["decision"], told["doubts"]) == ("flag", [])
    assert "RESTRICTED_CONTENT" in newest_codes(service)


def test_letters_found_inside_are_held_until_their_addresses_are_typed(mailroom: httpx.Client) -> None:
    tray(mailroom, "T10")
    picture = encoded(envelope(("Mr J Brown", *ELSEWHERE[1:]), SENDER))
    answer = send(mailroom, "T10", picture, **{"x-enclosed": "2"}).json()
    assert (answer["decision"], answer["action"]) == ("flag", "hold")
    assert send(mailroom, "T10", b"x", **{"x-enclosed": "-1"}).json()["field"] == "x-enclosed"


@pytest.mark.parametrize(
    "more", [{"x-prisoner": "X9999BC"}, {"x-privileged": "true"}, {"x-enclosed": "1"}], ids=str
)
def test_the_same_picture_with_another_word_is_refused(mailroom: httpx.Client, more: dict[str, str]) -> None:
    tray(mailroom, "T11")
    picture = encoded(envelope(ELSEWHERE, SENDER))
    first = send(mailroom, "T11", picture).json()
    assert send(mailroom, "T11", picture).json() == first
    refused = send(mailroom, "T11", picture, **more)
    assert (refused.status_code, refused.json()["field"]) == (409, next(iter(more)))


def test_a_trays_name_is_one_prisons(service: Service, mailroom: httpx.Client) -> None:
    tray(mailroom, "T12", establishment="LEI")
    with service.key(Role.MAILROOM, prisons=("MDI",)) as elsewhere:
        refused = elsewhere.post("/v1/mail/trays", json={"id": "T12", "establishment": "MDI"})
    assert (refused.status_code, refused.json()["field"]) == (409, "id")


def test_a_marked_letter_is_queued_and_its_text_is_not_read(service: Service, mailroom: httpx.Client) -> None:
    tray(mailroom, "T3")
    body = envelope(("Please ring her on", "07700 900123"), size=(1200, 900))
    front = envelope(("RULE 39", *ELSEWHERE))
    answer = send(mailroom, "T3", pages(front, envelope((), SENDER), body)).json()
    assert (answer["decision"], answer["action"]) == ("flag", "hold")
    assert newest_codes(service) == ["UNVERIFIED_PRIVILEGE"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"%PDF-1.4 broken", "broken"),
        (b"MZ\x90" + bytes(400), "not a JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "broken"),
    ],
)
def test_what_cannot_be_read_is_an_item_that_is_held(mailroom: httpx.Client, data: bytes, says: str) -> None:
    tray(mailroom, "T4")
    answer = send(mailroom, "T4", data).json()
    assert (answer["decision"], answer["action"]) == ("flag", "hold")
    assert says in answer["problem"]


def test_a_picture_that_would_fill_the_memory_is_refused(mailroom: httpx.Client) -> None:
    tray(mailroom, "T5")
    bomb = encoded(Image.new("1", (30_000, 30_000)), optimize=True)
    assert len(bomb) < 1_000_000
    answer = send(mailroom, "T5", bomb).json()
    assert (answer["decision"], answer["action"]) == ("flag", "hold")
    assert "too large" in answer["problem"] or "pixels" in answer["problem"]
    assert send(mailroom, "T5", bytes(41 * 1024 * 1024)).status_code == 413


def test_requests_that_make_no_sense_are_refused_with_their_field(mailroom: httpx.Client) -> None:
    assert mailroom.post("/v1/mail/trays", json={"id": "../x"}).json()["field"] == "id"
    assert mailroom.post("/v1/mail/trays", json={"id": "T6", "expected": -1}).json()["field"] == "expected"
    assert send(mailroom, "no-such-tray", b"x").status_code == 404
    tray(mailroom, "T6")
    assert send(mailroom, "T6", b"").status_code == 422
    refused = send(mailroom, "T6", b"x", **{"x-prisoner": "nobody"})
    assert (refused.status_code, refused.json()["field"]) == (422, "x-prisoner")


def test_a_tray_is_its_prisons(service: Service, mailroom: httpx.Client) -> None:
    tray(mailroom, "T7", establishment="LEI")
    with service.key(Role.MAILROOM, prisons=("MDI",)) as elsewhere:
        assert elsewhere.get("/v1/mail/trays/T7").status_code == 404
        assert elsewhere.get("/v1/mail/trays/T7/items").status_code == 404
        assert send(elsewhere, "T7", b"x").status_code == 404
        assert elsewhere.post("/v1/mail/trays", json={"id": "T8", "establishment": "LEI"}).status_code == 403


def test_nothing_of_an_envelope_lies_in_the_clear(service: Service, mailroom: httpx.Client) -> None:
    tray(mailroom, "T9")
    data = encoded(envelope(("Mr Z Quillfeather", "9 Saltpan Row", "Otherstead", "LS9 9ZZ"), SENDER))
    assert send(mailroom, "T9", data, **{"x-file-name": "quillfeather.png"}).status_code == 200
    kept = b"".join(path.read_bytes() for path in service.data.rglob("*") if path.is_file())
    for secret in (b"Quillfeather", b"quillfeather", b"Saltpan", data[1000:1100], b"\xff\xd8\xff\xe0"):
        assert secret not in kept
    assert b"Quillfeather" not in service.log.read_bytes()


def test_time_is_over_and_only_the_answer_is_left(tmp_path: Path) -> None:
    with (
        service_in(tmp_path, NOCONTACT_MAIL_DAYS="0.00001") as service,
        service.key(Role.MAILROOM) as machine,
    ):
        tray(machine, "T1")
        item = send(machine, "T1", encoded(envelope(ELSEWHERE, SENDER))).json()
        service.stop()
    settings = settings_of(service)
    database = Database(settings.url)
    vault = open_vault(database, read_master_key(settings))
    standings = Standings(vault, Reviews(Journal(database, vault, Clock())))
    items = Items(database, vault, standings, timedelta(days=1))
    items.forget(datetime.now(UTC))
    kept = items.find(item["id"])
    assert kept is not None
    assert (kept.reading, kept.decision, items.pictures(item["id"])) == (None, "allow", [])
    database.close()


def test_a_letter_by_nobody_who_is_known_is_held_where_such_are_refused(tmp_path: Path) -> None:
    with service_in(tmp_path, NOCONTACT_UNKNOWN_RATE="0") as made, made.key(Role.MAILROOM) as machine:
        tray(machine, "T1", establishment="LEI")
        answer = send(machine, "T1", b"no picture at all", **{"x-prisoner": "Z9999ZZ"})
        assert answer.status_code == 200, answer.text
        assert (answer.json()["decision"], answer.json()["action"]) == ("flag", "hold")
        picture = encoded(envelope(ELSEWHERE, SENDER), "JPEG")
        known = send(machine, "T1", picture, **{"x-prisoner": "Z9999ZZ"}).json()
        assert known["action"] == "hold"
        assert "the sender's number is of nobody who is known here" in known["doubts"]
