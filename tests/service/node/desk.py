"""The centre's desk as a node sees it: hands out keys, takes records; and what publishes to Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep

import msgspec

from service.errors import PROBLEM_JSON
from service.feed.api_messages import (
    KEYS_PATH,
    RECORDS_PATH,
    Enrolment,
    NodeKeys,
    NodeRecord,
    NodeRecords,
    RecordsTaken,
    open_record,
)
from service.feed.carrier import RedisCarrier
from service.feed.redis_address import read_address
from service.ledger.payloads import Decided
from tests.service.feed.servers import RedisServer
from tests.service.node.centre import Centre

NODE_KEY = bytes(range(32))
TOKEN = "nck_lei_" + "x" * 40


@dataclass
class Desk:
    """What it holds."""

    centre: Centre
    url: str = ""
    is_withdrawn: bool = False
    is_failing: bool = False
    """Takes records, and says that it has not."""
    records: list[NodeRecord] = field(default_factory=list)
    requests: int = 0

    @property
    def enrolment(self) -> Enrolment:
        """A node's."""
        pem = self.centre.vault.public_key_pem.decode()
        return Enrolment(name="lei", prison="LEI", centre=self.url, public_key=pem, token=TOKEN)

    def decided(self) -> list[Decided]:
        """What was decided, opened."""
        return [open_record(NODE_KEY, one.subject, one.sealed) for one in self.records]

    def answer(self, path: str, token: str, body: bytes) -> tuple[int, bytes]:
        """One request."""
        self.requests += 1
        if token != f"Bearer {TOKEN}" or self.is_withdrawn:
            return 403, b""
        if path == KEYS_PATH:
            keys = NodeKeys(feed_key=self.centre.feed_key, node_key=NODE_KEY, epoch=1)
            return 200, msgspec.json.encode(keys)
        assert path == RECORDS_PATH
        sent = msgspec.json.decode(body, type=NodeRecords).records
        known = {one.seq for one in self.records}
        self.records += [one for one in sent if one.seq not in known]
        if self.is_failing:
            return 503, b""
        return 200, msgspec.json.encode(RecordsTaken([one.seq for one in sent]))


@contextmanager
def desk(centre: Centre, port: int = 0) -> Iterator[Desk]:
    """A desk that is open."""
    made = Desk(centre)

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"])))

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, body: bytes) -> None:
            status, said = made.answer(self.path, self.headers.get("authorization", ""), body)
            self.send_response(status)
            self.send_header("content-length", str(len(said)))
            self.send_header("content-type", "application/json" if status == 200 else PROBLEM_JSON)
            self.end_headers()
            self.wfile.write(said)

    server = ThreadingHTTPServer(("127.0.0.1", port), Answering)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Publishing:
    """Puts a centre's feed into Redis, as its publisher does."""

    def __init__(self, centre: Centre, redis: RedisServer) -> None:
        """Nothing is there yet."""
        self.centre, self.carrier = centre, RedisCarrier(read_address(redis.url))

    def snapshot(self) -> None:
        """The list as it is, and that it is the newest."""
        self.carrier.put_snapshot(self.centre.snapshot())
        self.beat()

    def change(self, carried: bytes) -> None:
        """One more, and that it is the newest."""
        self.carrier.add([(self.centre.number, carried)])
        self.beat()

    def beat(self) -> None:
        """That the centre is there."""
        self.carrier.beat(self.centre.beat())


def until(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something is so."""
    end = monotonic() + seconds
    while not is_so():
        assert monotonic() < end, "it never was so"
        sleep(0.01)
