"""`nocontact node --workers` as its users meet it: real processes, one of which may end at any moment."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from redis import Redis

from benchmarks.load import serving
from service.feed.messages import REPORT, REPORTS, open_report
from tests.service.feed.servers import RedisServer, redis_server
from tests.service.node.centre import Centre, restriction
from tests.service.node.desk import NODE_KEY, Publishing, desk, until
from tests.service.node.test_serving import LISTED, NOBODYS, PRISONER, Node, a_node

WORKERS = 2
EVERYBODY = [f"B{n:04}BC" for n in range(3_000)]
"""Prisoners of whom nothing is restricted."""


class Prison:
    """A node with workers, and the centre that it follows."""

    def __init__(self, node: Node, publishing: Publishing, redis: RedisServer) -> None:
        self.node, self.publishing, self.redis = node, publishing, redis

    @property
    def first(self) -> int:
        """The first process."""
        assert self.node.started is not None
        return self.node.started.process.pid

    def children(self) -> list[int]:
        """The keeper, then the workers."""
        said = Path(f"/proc/{self.first}/task/{self.first}/children").read_text("ascii")
        return [int(pid) for pid in said.split() if _state(int(pid)) != "Z"]

    def at_each_worker(self) -> dict[int, httpx.Client]:
        """A connection to each: an answer's own id tells whose it is."""
        assert self.node.started is not None
        found: dict[int, httpx.Client] = {}
        while len(found) < WORKERS:
            client = httpx.Client(
                base_url=self.node.started.url,
                headers={"authorization": f"Bearer {self.node.key}"},
                timeout=20,
            )
            pid = int(client.post("/v1/check/call", json=_call()).headers["x-request-id"].split("-")[1], 16)
            if pid in found:
                client.close()
            else:
                found[pid] = client
        return found

    def recorded(self, prisoner: str) -> int:
        """Decisions in the ledger about a prisoner."""
        with closing(sqlite3.connect(self.node.data / "nocontact.db")) as connection:
            asked = "SELECT count(*) FROM ledger WHERE kind = 'decision' AND prisoner = ?"
            return int(connection.execute(asked, (prisoner,)).fetchone()[0])

    def reported(self) -> int:
        """The last change that it said is in force."""
        with closing(Redis(port=self.redis.port)) as client:
            last: Any = client.xrevrange(REPORTS, count=1)
        return open_report(NODE_KEY, last[0][1][REPORT.encode()], "lei").number if last else 0


@pytest.fixture(scope="module")
def prison(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prison]:
    """One for the tests that leave it answering."""
    centre = Centre()
    known = dict.fromkeys([PRISONER, *EVERYBODY], ("LEI", None))
    centre.change([restriction(n) for n in range(20)], prisoners=known)
    with redis_server() as redis:
        publishing = Publishing(centre, redis)
        publishing.snapshot()
        folder = tmp_path_factory.mktemp("workers")
        with (
            desk(centre) as opened,
            a_node(opened, redis, folder, WORKERS, NOCONTACT_PRISONER_RATE="60") as node,
        ):
            until(lambda: bool(node.ready().get("ready")))
            yield Prison(node, publishing, redis)


def test_a_number_split_over_two_messages_is_found_whichever_worker_gets_them(prison: Prison) -> None:
    one, other = prison.at_each_worker().values()
    for first, second, to in ((one, other, "07700 900801"), (other, one, "07700 900802")):
        before = first.post("/v1/check/message", json=_message(to, "remember this one 07700"))
        assert before.json()["decision"] == "allow", before.text
        after = second.post("/v1/check/message", json=_message(to, "900000 and ring her"))
        assert after.json()["decision"] != "allow", after.text


def test_the_same_id_at_another_worker_gets_the_recorded_answer(prison: Prison) -> None:
    one, other = prison.at_each_worker().values()
    call = _call(prisoner="A1001BC", to="07700 900001")
    answers = [client.post("/v1/check/call", json=call) for client in (one, other, one)]
    assert {said.text for said in answers} == {answers[0].text}
    assert answers[0].json()["decision"] == "block"
    assert prison.recorded("A1001BC") == 1
    assert other.post("/v1/check/call", json={**call, "to": NOBODYS}).status_code == 409
    assert prison.recorded("A1001BC") == 1


def test_a_change_that_is_told_as_in_force_is_in_force_at_every_worker(prison: Prison) -> None:
    clients = prison.at_each_worker().values()
    centre = prison.publishing.centre
    for n in range(600, 610):
        changed = msgspec.structs.replace(restriction(n), prisoner=PRISONER)
        prison.publishing.change(centre.change([changed]))
        until(lambda: prison.reported() == centre.number)
        said = [one.post("/v1/check/call", json=_call(to=f"07700 900{n}")).json() for one in clients]
        assert [one["decision"] for one in said] == ["block"] * WORKERS


def test_a_caller_is_counted_once_for_all_workers(prison: Prison) -> None:
    clients = list(prison.at_each_worker().values())
    calls = [_call(prisoner="A1002BC", to=NOBODYS) for _ in range(100)]
    said = [clients[n % WORKERS].post("/v1/check/call", json=call) for n, call in enumerate(calls)]
    assert {one.status_code for one in said} == {200, 429}, "each worker alone would let half of them in"
    assert prison.recorded("A1002BC") == sum(one.status_code == 200 for one in said)


def test_a_worker_that_is_killed_takes_no_answered_check_with_it_and_is_started_again(prison: Prison) -> None:
    assert prison.node.started is not None
    url, over, answered = prison.node.started.url, threading.Event(), set[str]()

    def load(prisoners: list[str]) -> None:
        with httpx.Client(base_url=url, headers=headers, timeout=20) as client:
            for prisoner in prisoners:
                if over.is_set():
                    return
                try:
                    said = client.post("/v1/check/call", json=_call(prisoner=prisoner, to=NOBODYS))
                except httpx.TransportError:  # it asks no second time here
                    continue
                if said.status_code == 200:
                    answered.add(prisoner)

    headers = {"authorization": f"Bearer {prison.node.key}"}
    threads = [threading.Thread(target=load, args=(EVERYBODY[n::3],)) for n in range(3)]
    for thread in threads:
        thread.start()
    keeper, *workers = prison.children()
    for pid in workers:
        at = len(answered)
        until(lambda at=at: len(answered) > at + 30)  # type: ignore[misc]
        os.kill(pid, signal.SIGKILL)
        until(lambda: len(prison.children()) == 1 + WORKERS)
    at = len(answered)
    until(lambda: len(answered) > at + 30)
    over.set()
    for thread in threads:
        thread.join()
    with closing(sqlite3.connect(prison.node.data / "nocontact.db")) as connection:
        asked = "SELECT prisoner FROM ledger WHERE kind = 'decision'"
        recorded = {prisoner for (prisoner,) in connection.execute(asked)}
    assert answered <= recorded
    now = prison.children()
    assert now[0] == keeper
    assert not set(workers) & set(now)
    assert {*prison.at_each_worker()} == set(now[1:])


def test_a_worker_that_hangs_is_ended_and_another_answers_though_the_list_does_not_change(
    prison: Prison,
) -> None:
    keeper, hung, *others = prison.children()
    os.kill(hung, signal.SIGSTOP)
    until(lambda: hung not in prison.children(), 15)
    until(lambda: len(prison.children()) == 1 + WORKERS)
    assert {*prison.at_each_worker()} == set(prison.children()[1:])
    assert {keeper, *others} <= set(prison.children()), "nobody else was taken for one"


def test_a_keeper_that_stood_still_ends_no_worker(prison: Prison) -> None:
    before = prison.children()
    os.kill(before[0], signal.SIGSTOP)
    time.sleep(6.5)
    os.kill(before[0], signal.SIGCONT)
    time.sleep(2.5)
    assert prison.children() == before


@pytest.mark.parametrize("whose", ["first", "keeper"])
def test_without_the_first_process_or_the_keeper_nothing_answers(
    whose: str, redis: RedisServer, tmp_path: Path
) -> None:
    centre = Centre()
    centre.change([restriction(1)], prisoners={PRISONER: ("LEI", None)})
    Publishing(centre, redis).snapshot()
    with desk(centre) as opened, a_node(opened, redis, tmp_path, WORKERS) as node:
        until(lambda: bool(node.ready().get("ready")))
        prison = Prison(node, Publishing(centre, redis), redis)
        children = prison.children()
        os.kill(prison.first if whose == "first" else children[0], signal.SIGKILL)
        assert node.started is not None
        assert node.started.process.wait(20) != 0
        until(lambda: not any(map(_state, children)))
        node.start()  # nothing of the last one is in its way
        assert node.answer("C1", "07700 900001") == "block"
        assert serving.stop(node.started) == 0


def _call(name: str = "", prisoner: str = PRISONER, to: str = LISTED) -> dict[str, Any]:
    return {"id": name or os.urandom(8).hex(), "prisoner": prisoner, "to": to, "establishment": "LEI"}


def _message(to: str, body: str) -> dict[str, Any]:
    return {**_call(to=to), "body": body}


def _state(pid: int) -> str:
    """R, S, Z…; nothing for a process that is gone."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return ""
    return "" if said == "Z" else said
