"""A picture of a letter that a node holds is kept for its reviewers, and for nobody's other record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.feed.api_messages import LONGEST_PICTURE, PICTURES_PATH, seal_picture
from service.feed.tables import node_picture
from service.review.tables import review_item
from service.storage.database import moment_text
from tests.service.api.calling import ADMIN, Service
from tests.service.feed.test_records import AT, NAME, record, send

JPEG = b"\xff\xd8\xff\xe0 an envelope, as it was scanned"
ADDRESS = "https://nocontact.example"


@pytest.fixture
def token(service: Service) -> str:
    """Of its node."""
    return added(service, NAME)


def added(service: Service, name: str) -> str:
    system = service.system
    return system.nodes.add(ADMIN, system.access, name, "LEI", ADDRESS).token


def offer(
    service: Service, token: str, seq: int = 1, picture: bytes = JPEG, page: int = 1, by: str = NAME
) -> int:
    """What the centre answers to one page."""
    subject = f"attempt/{seq:032x}"
    sealed = seal_picture(service.system.vault.node_key(by), subject, AT, page, picture)
    answer = service.nobody().post(
        PICTURES_PATH,
        params={"subject": subject, "at": moment_text(AT), "page": page},
        content=sealed,
        headers={"authorization": f"Bearer {token}", "content-type": "application/octet-stream"},
    )
    return int(answer.status_code)


def held(service: Service) -> int:
    """The one that is in the queue."""
    with service.system.database.read() as connection:
        return int(connection.execute(select(review_item.c.seq)).scalar_one())


def test_it_waits_for_its_record_is_kept_once_sealed_and_goes_when_its_time_is_over(
    service: Service, token: str
) -> None:
    system = service.system
    assert offer(service, token) == 404
    send(service, token, record(system.vault, 1, channel="letter"))
    assert [offer(service, token), offer(service, token), offer(service, token, page=2)] == [204] * 3
    assert system.pictures.of(held(service)) == [JPEG, JPEG]
    with system.database.read() as connection:
        kept = connection.execute(select(node_picture.c.sealed)).scalars().all()
    assert len(kept) == 2
    assert not any(JPEG[:3] in one for one in kept)
    days = timedelta(days=system.settings.mail_days)
    assert system.pictures.forget(system.clock() + days - timedelta(hours=1)) == 0
    assert system.pictures.forget(system.clock() + days) == 2
    assert system.pictures.of(held(service)) == []


def test_none_is_taken_of_what_is_no_held_letter_of_this_node_or_no_picture(
    service: Service, token: str
) -> None:
    vault = service.system.vault
    send(service, token, record(vault, 1, channel="letter"), record(vault, 2))
    send(service, token, record(vault, 3, "block", channel="letter"))
    other = added(service, "leeds-2")
    assert offer(service, other) == 422, "sealed with a key that is not its own"
    assert offer(service, other, by="leeds-2") == 404, "another node's record is none of its own"
    assert offer(service, token, 2) == 422, "a call"
    assert offer(service, token, 3) == 422, "a letter that is stopped"
    assert offer(service, token, picture=b"<svg onload='x'>") == 422
    assert offer(service, token, page=3) == 422
    assert offer(service, token, picture=JPEG + bytes(LONGEST_PICTURE)) == 413
    assert offer(service, "nck_leeds-1_" + "x" * 40) == 401
    assert service.system.pictures.of(held_letter(service)) == []
    service.system.nodes.withdraw(ADMIN, service.system.access, NAME)
    assert offer(service, token) in (401, 403)


def held_letter(service: Service) -> int:
    with service.system.database.read() as connection:
        wanted = select(review_item.c.seq).where(review_item.c.channel == "letter")
        return int(connection.execute(wanted).scalar_one())


def test_a_picture_as_large_as_any_that_is_kept_is_taken(service: Service, token: str) -> None:
    from io import BytesIO

    import numpy as np
    from PIL import Image

    from service.mail.pages import KEPT_QUALITY, KEPT_SIDE

    noise = np.random.default_rng(1).integers(0, 256, (KEPT_SIDE, KEPT_SIDE, 3), dtype=np.uint8)
    out = BytesIO()
    Image.fromarray(noise).save(out, "JPEG", quality=KEPT_QUALITY)
    send(service, token, record(service.system.vault, 1, channel="letter"))
    assert 1 << 20 < len(out.getvalue()) < LONGEST_PICTURE
    assert offer(service, token, picture=out.getvalue()) == 204
