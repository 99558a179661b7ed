"""The centre's desk as a node sees it: hands out keys, takes records; and what publishes to Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from urllib.parse import parse_qsl, urlsplit

import msgspec

from service.errors import PROBLEM_JSON
from service.feed.api_messages import (
    KEYS_PATH,
    PICTURES_PATH,
    RECORDS_PATH,
    SETTLED_PATH,
    Enrolment,
    LedgerPlace,
    NodeKeys,
    NodeRecord,
    NodeRecords,
    NodeSettled,
    NodeSettlements,
    RecordsTaken,
    open_picture,
    open_record,
    seal_settlements,
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
    is_older: bool = False
    """Knows nothing of pictures and of what was decided."""
    pictures: dict[tuple[str, int], list[bytes]] = field(default_factory=dict)
    """By record and page, as often as each was sent."""
    settled: list[NodeSettled] = field(default_factory=list)
    ledger: str = ""
    """What makes the hashes of its ledger others; without it, it tells none, as one of before."""

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
        url = urlsplit(path)
        given = dict(parse_qsl(url.query))
        if url.path in (PICTURES_PATH, SETTLED_PATH) and self.is_older:
            return 404, b""
        if url.path == PICTURES_PATH:
            at, page = datetime.fromisoformat(given["at"]), int(given["page"])
            picture = open_picture(NODE_KEY, given["subject"], at, page, body)
            self.pictures.setdefault((given["subject"], page), []).append(picture)
            return (503 if self.is_failing else 204), b""
        if url.path == SETTLED_PATH:
            after = int(given["after"])
            if self._is_other(LedgerPlace(after, given.get("hash", ""))):
                told = NodeSettlements([], 0, more=False, is_known=False)
            else:
                ends = max(after, len(self.settled))
                there = self.place(ends).hash
                told = NodeSettlements(self.settled[after:], ends, more=False, hash=there)
            return 200, seal_settlements(NODE_KEY, given["asked"], after, told)
        if path == KEYS_PATH:
            keys = NodeKeys(feed_key=self.centre.feed_key, node_key=NODE_KEY, epoch=1)
            return 200, msgspec.json.encode(keys)
        assert path == RECORDS_PATH
        given_records = msgspec.json.decode(body, type=NodeRecords)
        sent = given_records.records
        known = {one.seq for one in self.records}
        self.records += [one for one in sent if one.seq not in known]
        if self.is_failing:
            return 503, b""
        taken = RecordsTaken([one.seq for one in sent])
        if self.ledger:
            is_known = not self._is_other(given_records.until or LedgerPlace())
            until = self.place(len(self.records))
            taken = msgspec.structs.replace(taken, until=until, is_known=is_known)
        return 200, msgspec.json.encode(taken)

    def place(self, seq: int) -> LedgerPlace:
        """A record of its ledger."""
        return LedgerPlace(seq, sha256(f"{self.ledger} {seq}".encode()).hexdigest() if self.ledger else "")

    def _is_other(self, place: LedgerPlace) -> bool:
        return bool(self.ledger and place.hash) and place != self.place(place.seq)


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
