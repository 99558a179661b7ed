"""A node is what was enrolled under its name; once withdrawn it gets no key, and the feed has another one."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import update

from service.access.model import Role
from service.errors import ConflictError, InvalidError, NotFoundError
from service.feed.api_messages import KEYS_PATH, NodeKeys
from service.feed.tables import node
from tests.service.api.calling import ADMIN, Service

CENTRE = "https://nocontact.example"


def enrol(service: Service, name: str = "leeds-1") -> str:
    """The token of a new node."""
    system = service.system
    made = system.nodes.add(ADMIN, system.access, name, "LEI", CENTRE)
    assert (made.name, made.prison, made.centre) == (name, "LEI", CENTRE)
    assert made.public_key.encode() == system.vault.public_key_pem
    return made.token


def keys(service: Service, token: str) -> tuple[int, NodeKeys | None]:
    """What a node with this token is answered."""
    answer = service.nobody().get(KEYS_PATH, headers={"authorization": f"Bearer {token}"})
    return answer.status_code, msgspec.json.decode(
        answer.content, type=NodeKeys
    ) if answer.is_success else None


def test_a_node_gets_the_key_of_the_feed_and_its_own(service: Service) -> None:
    vault = service.system.vault
    expected = NodeKeys(feed_key=vault.feed_key(0), node_key=vault.node_key("leeds-1"), epoch=0)
    assert keys(service, enrol(service)) == (200, expected)


def test_once_withdrawn_it_gets_none_and_the_others_another_one(service: Service) -> None:
    gone, other = enrol(service), enrol(service, "leeds-2")
    assert keys(service, other)[0] == 200
    for _ in range(2):
        service.system.nodes.withdraw(ADMIN, service.system.access, "leeds-1")
    assert keys(service, gone) == (401, None)
    status, told = keys(service, other)
    assert status == 200
    assert told is not None
    assert (told.epoch, told.feed_key) == (1, service.system.vault.feed_key(1))
    assert [one.outcome for one in service.records(subject="node/leeds-1")] == ["added", "withdrawn"]
    assert [one.name for one in service.system.nodes.standing()] == ["leeds-2"]


def test_a_key_that_is_no_nodes_gets_none(service: Service) -> None:
    assert service.machine(Role.NODE).get(KEYS_PATH).status_code == 404
    assert service.machine(Role.MONITOR).get(KEYS_PATH).status_code == 403


def test_a_node_whose_row_was_changed_in_the_database_is_none(service: Service) -> None:
    token = enrol(service)
    with service.system.database.write() as connection:
        connection.execute(update(node).values(prison="MDI"))
    assert keys(service, token)[0] == 403
    assert service.system.nodes.epoch() == 1, "nor does anybody else go on with the key that it had"


def test_a_name_is_used_once_and_is_a_name(service: Service) -> None:
    system = service.system
    enrol(service)
    system.nodes.withdraw(ADMIN, system.access, "leeds-1")
    with pytest.raises(ConflictError):
        enrol(service)
    for name, prison in (("Leeds", "LEI"), ("l", "LEI"), ("leeds-3", "Leeds")):
        with pytest.raises(InvalidError):
            system.nodes.add(ADMIN, system.access, name, prison, CENTRE)
    with pytest.raises(NotFoundError):
        system.nodes.withdraw(ADMIN, system.access, "leeds-9")
