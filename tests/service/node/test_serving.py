"""`nocontact node` as a process: it answers in a prison, with the centre or without it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import msgspec
import pytest

from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT, Serving
from service.node.app import AGE
from service.node.forwarding import FORWARDED
from service.node.kept import CHANGES, HEARD, LIST
from service.node.system import GAUGES
from service.node.telling import CONFIRMED, INSTALLATION, REPORTS
from service.storage.database import HELD_BY_NODE
from tests.service.feed.servers import RedisServer
from tests.service.node.centre import Centre, restriction
from tests.service.node.desk import Desk, Publishing, desk, until
from tests.service.running import command

PRISONER = "A1000BC"
LISTED, NOBODYS = "07700 900000", "07700 900999"


@dataclass
class Node:
    """A node's folder, and how it is started."""

    folder: Path
    keys: Path
    desk: Desk
    settings: dict[str, str]
    started: Serving | None = None
    key: str = ""
    workers: int = 1

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        enrolment = self.folder / "enrolment.json"
        enrolment.write_bytes(msgspec.json.encode(self.desk.enrolment))
        environment = serving.environment(self.data) | self.settings
        self.started = serving.start(
            [*NOCONTACT, "node", "--enrolment", str(enrolment), "--workers", str(self.workers)],
            environment,
            self.folder / "log",
        )
        if not self.key:
            said = command(self.data, "key", "--role=phone_system", "--label=switch", settings=self.settings)
            self.key = said.stdout.split()[-1]

    def kill(self) -> None:
        assert self.started is not None
        self.started.process.send_signal(signal.SIGKILL)
        self.started.process.wait()

    def call(self, name: str, to: str = LISTED, prisoner: str = PRISONER) -> httpx.Response:
        assert self.started is not None
        return httpx.post(
            self.started.url + "/v1/check/call",
            json={"id": name, "prisoner": prisoner, "to": to},
            headers={"authorization": f"Bearer {self.key}"},
            timeout=20,
        )

    def answer(self, name: str, to: str = LISTED) -> str:
        said = self.call(name, to)
        assert said.status_code == 200, said.text
        return str(said.json()["decision"])

    def ready(self) -> Any:
        assert self.started is not None
        return httpx.get(self.started.url + "/health/ready", timeout=20).json()


@pytest.fixture
def centre() -> Centre:
    made = Centre()
    made.change([restriction(n) for n in range(20)], prisoners={PRISONER: ("LEI", None)})
    return made


@contextmanager
def a_node(
    open_desk: Desk, redis: RedisServer, folder: Path, workers: int = 1, **more: str
) -> Iterator[Node]:
    with TemporaryDirectory(prefix="nocontact-keys-", dir="/dev/shm") as keys:
        settings = {
            "NOCONTACT_REDIS_URL": redis.url,
            "NOCONTACT_NODE_KEYS": keys,
            "NOCONTACT_NODE_SILENT": "2",
            "NOCONTACT_OPEN_PAGES": "true",
            "NOCONTACT_PRISONER_RATE": "1000000",  # one prisoner is asked about until it is so
            **more,
        }
        node = Node(folder, Path(keys), open_desk, settings, workers=workers)
        node.start()
        try:
            yield node
        finally:
            if node.started is not None and node.started.process.poll() is None:
                assert serving.stop(node.started) == 0


def test_a_node_goes_on_without_centre_and_redis_over_a_kill_and_forwards_all_once(
    centre: Centre, redis: RedisServer, tmp_path: Path
) -> None:
    publishing = Publishing(centre, redis)
    publishing.snapshot()
    with desk(centre) as first, a_node(first, redis, tmp_path) as node:
        until(lambda: node.ready()["ready"])
        assert node.answer("C1") == "block"
        said = node.call("C2", NOBODYS)
        assert said.json()["decision"] == "allow"
        assert int(said.headers[AGE.decode()]) < 5
        publishing.change(centre.change([msgspec.structs.replace(restriction(577), prisoner=PRISONER)]))
        until(lambda: node.answer(f"C-{os.urandom(4).hex()}", "07700 900577") == "block")
        until(lambda: len(first.records) >= 3)
        assert first.decided()[0].attempt["to"] == LISTED
        assert first.decided()[0].decision.decision == "block"
        assert {one.establishment for one in first.records} == {"LEI"}

        redis.kill()
        first.is_failing = True
        assert node.answer("C3", "07700 900577") == "block"
        until(lambda: first.records[-1].seq > 3)
        node.kill()
        requests = first.requests
        first.is_withdrawn = True  # as good as not there: it has its keys, and asks for nothing
        node.start()
        assert node.answer("C4", "07700 900577") == "block"
        assert node.answer("C3", "07700 900577") == "block"
        assert node.answer("C5", NOBODYS) == "allow"
        until(lambda: any("not heard" in one for one in node.ready()["warnings"]))
        until(lambda: first.requests > requests)
        first.is_withdrawn = first.is_failing = False

        def asked() -> list[str]:
            return [one.attempt["id"] for one in first.decided()]

        until(lambda: {"C1", "C2", "C3", "C4", "C5"} <= set(asked()))
        assert len(asked()) == len(set(asked()))
        assert [one.seq for one in first.records] == sorted(one.seq for one in first.records)
        assert node.started is not None
        metrics = httpx.get(node.started.url + "/metrics", timeout=20).text
        assert "nocontact_node_change 2.0" in metrics
        assert "nocontact_node_not_forwarded" in metrics


def test_a_stolen_disk_gives_no_contact_point_and_no_name(
    centre: Centre, redis: RedisServer, tmp_path: Path
) -> None:
    publishing = Publishing(centre, redis)
    publishing.snapshot()
    with desk(centre) as open_desk, a_node(open_desk, redis, tmp_path) as node:
        until(lambda: node.ready()["ready"])
        publishing.change(centre.change([restriction(577)]))
        assert node.answer("C1") == "block"
        said = node.call("C2", NOBODYS)
        assert said.json()["decision"] == "allow"
        until(lambda: len(open_desk.records) == 2)
        node.kill()
        files = [file for file in node.data.rglob("*") if file.is_file()]
        assert {"list", "list.changes", "nocontact.db"} <= {file.name for file in files}
        planted = ("900000", "900577", "900999", "Tallantyre", "Larkmead", "Ambermouth", "LS1 4AB")
        for file in files:
            content = file.read_bytes() if not file.is_symlink() else b""
            for word in planted:
                assert word.encode() not in content, (file.name, word)
                assert word.encode("utf-16-le") not in content, (file.name, word)
        for key in (centre.feed_key, bytes(range(32))):
            assert not any(key in file.read_bytes() for file in files if not file.is_symlink())
        assert (node.data / "master.key").is_symlink()
        for file in node.keys.iterdir():
            file.unlink()
        open_desk.is_withdrawn = True
        with pytest.raises(serving.NotServingError):
            node.start()
        assert "withdrawn" in (tmp_path / "log").read_text()


def test_a_folder_is_one_nodes_until_that_ends_however_it_ends(
    centre: Centre, redis: RedisServer, tmp_path: Path
) -> None:
    Publishing(centre, redis).snapshot()
    with desk(centre) as open_desk, a_node(open_desk, redis, tmp_path) as node:
        enrolment = str(tmp_path / "enrolment.json")
        second = command(node.data, "node", "--enrolment", enrolment, settings=node.settings)
        assert (second.returncode, second.stderr) == (2, f"nocontact: {HELD_BY_NODE}\n")
        until(lambda: node.ready()["ready"])
        assert node.answer("C1") == "block"
        node.kill()
        node.start()
        assert node.answer("C2") == "block"


def test_keys_on_a_disk_are_refused(centre: Centre, tmp_path: Path) -> None:
    with desk(centre) as open_desk:
        enrolment = tmp_path / "enrolment.json"
        enrolment.write_bytes(msgspec.json.encode(open_desk.enrolment))
        environment = serving.environment(tmp_path / "data") | {"NOCONTACT_NODE_KEYS": "/proc/nowhere"}
        said = subprocess.run(
            [*NOCONTACT, "node", "--enrolment", str(enrolment)],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert said.returncode == 2
        assert "not in memory" in said.stderr
        assert open_desk.requests == 0


def test_the_page_has_every_metric_of_a_node_and_every_file() -> None:
    page = (Path(__file__).parents[3] / "docs/node.md").read_text("utf-8")
    told = set(re.findall(r"`(nocontact_node_\w+)`", page))
    assert told == set(GAUGES)
    for name in (LIST, CHANGES, HEARD, FORWARDED, REPORTS, INSTALLATION, CONFIRMED):
        assert f"`{name}`" in page
