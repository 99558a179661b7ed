"""A node is told what reviewers decided of its own flags; nobody else makes or uses such an answer."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import httpx
import msgspec
import pytest
from sqlalchemy import select, update

from service.feed.api_messages import (
    SETTLED_PATH,
    NodeSettlements,
    open_settlements,
    seal_record,
)
from service.ledger.payloads import Decided
from service.review.model import Outcome
from service.review.tables import review_item
from service.storage.sealing import SealError
from tests.service.api.calling import ADMIN, Service
from tests.service.feed.test_records import ASKED, AT, NAME, decision, record, send
from tests.service.review.queue_of_one import ANN, WHY, opened

ASKS = "0123456789abcdef" * 2


@pytest.fixture
def service(service: Service) -> Service:
    """The whole service, whose settler runs when a test wants."""
    service.system.settler.stop()
    return service


def token(service: Service, name: str = NAME) -> str:
    system = service.system
    return system.nodes.add(ADMIN, system.access, name, "LEI", "https://nocontact.example").token


def asked(
    service: Service, token: str, after: int = 0, word: str = ASKS, hash_: str | None = None
) -> httpx.Response:
    params = {"after": after, "asked": word} | ({} if hash_ is None else {"hash": hash_})
    answer: httpx.Response = service.nobody().get(
        SETTLED_PATH, params=params, headers={"authorization": f"Bearer {token}"}
    )
    return answer


def told(
    service: Service, token: str, after: int = 0, name: str = NAME, hash_: str | None = None
) -> NodeSettlements:
    said = asked(service, token, after, hash_=hash_)
    assert said.status_code == 200, said.text
    return open_settlements(service.system.vault.node_key(name), ASKS, after, said.content)


def in_queue(service: Service) -> list[int]:
    with service.system.database.read() as connection:
        return list(connection.execute(select(review_item.c.seq).order_by(review_item.c.seq)).scalars())


def decide(service: Service, seq: int, outcome: Outcome) -> None:
    """By a reviewer, and settled."""
    system = service.system
    with patch("service.review.reviews.UNDO", timedelta(0)):
        system.reviews.decide(ANN, seq, opened(system.reviews, ANN, seq), outcome, WHY[outcome])
    system.settler.settle()


def flag(service: Service, token: str, seq: int, name: str = NAME) -> int:
    """A flag of a node's, its own attempt each; gives its number in the queue."""
    vault, subject = service.system.vault, f"attempt/{seq:032x}"
    plain = msgspec.to_builtins(msgspec.structs.replace(ASKED, id=f"C{seq}"))
    decided = Decided(plain, msgspec.structs.replace(decision(), id=f"C{seq}", reasons=()))
    send(service, token, record(vault, seq, sealed=seal_record(vault.node_key(name), subject, decided)))
    return in_queue(service)[-1]


def test_what_took_effect_is_told_in_its_order_to_the_node_whose_flag_it_was(service: Service) -> None:
    mine, other = token(service), token(service, "leeds-10")
    first, second = flag(service, mine, 1), flag(service, mine, 2)
    third = flag(service, other, 3, "leeds-10")
    assert told(service, mine) == NodeSettlements([], 0, more=False)
    system = service.system
    system.reviews.decide(ANN, first, opened(system.reviews, ANN, first), Outcome.RELEASE, "verified")
    system.settler.settle()
    assert told(service, mine).settled == [], "it can be taken back"
    system.reviews.undo(ANN, first)
    decide(service, second, Outcome.UPHOLD)
    decide(service, first, Outcome.RELEASE)
    decide(service, third, Outcome.RELEASE)
    page = told(service, mine)
    assert [(one.actor, one.channel, one.id, one.at, one.released) for one in page.settled] == [
        ("key:lei-phones", "call", "C2", AT, False),
        ("key:lei-phones", "call", "C1", AT, True),
    ]
    again = told(service, mine, page.after, hash_=page.hash)
    assert again == NodeSettlements([], page.after, more=False, hash=page.hash)
    assert [one.id for one in told(service, other, name="leeds-10").settled] == ["C3"]


def test_an_answer_is_to_one_question_of_one_node(service: Service) -> None:
    mine = token(service)
    decide(service, flag(service, mine, 1), Outcome.RELEASE)
    vault = service.system.vault
    said = asked(service, mine).content
    for name, word, after in (("leeds-2", ASKS, 0), (NAME, ASKS[::-1], 0), (NAME, ASKS, 1)):
        with pytest.raises(SealError):
            open_settlements(vault.node_key(name), word, after, said)
    with pytest.raises(SealError):
        open_settlements(vault.node_key(NAME), ASKS, 0, said[:-1] + bytes([said[-1] ^ 1]))
    assert asked(service, mine, word="x").status_code == 422
    assert asked(service, mine, after=-1).status_code == 422
    assert asked(service, "nck_leeds-1_" + "x" * 40).status_code == 401
    service.system.nodes.withdraw(ADMIN, service.system.access, NAME)
    assert asked(service, mine).status_code in (401, 403)


def test_a_row_that_was_changed_in_the_database_lets_nothing_go(service: Service) -> None:
    mine = token(service)
    decide(service, flag(service, mine, 1), Outcome.UPHOLD)
    with service.system.database.write() as connection:
        connection.execute(update(review_item).values(outcome="release"))
    assert told(service, mine).settled == []


def test_a_place_that_this_ledger_has_not_is_refused_and_nothing_is_told_from_there(service: Service) -> None:
    mine = token(service)
    decide(service, flag(service, mine, 1), Outcome.RELEASE)
    page = told(service, mine)
    assert page.hash != ""
    unknown = NodeSettlements([], 0, more=False, is_known=False)
    another = page.hash[::-1]
    assert told(service, mine, page.after + 1_000) == unknown, "by the number, of a node of before"
    assert told(service, mine, page.after + 1_000, hash_=page.hash) == unknown
    assert told(service, mine, page.after, hash_=another) == unknown
    assert told(service, mine, page.after - 1, hash_=page.hash) == unknown
    assert told(service, mine, page.after).hash == page.hash, "which a node of before notes from then on"
    assert told(service, mine, 0).settled == page.settled
    assert asked(service, mine, page.after, hash_="g" * 64).status_code == 422
