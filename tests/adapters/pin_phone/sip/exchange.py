"""A service, a switch and a carrier for the tests, and a stand-in for a service that misbehaves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from benchmarks.load.serving import AS_FAST_AS_IT_GOES
from benchmarks.phone.switch import Call, Carrier, Extension, Switch, carrier_in, switch_in
from service.access.model import Role
from tests.service.running import Service, command, service_in

NAMED = Extension("1001", "wing-one", "X1234BC", "LEI")
"""The phone of the prisoner whom the restriction names."""
OTHER = Extension("1002", "wing-two", "X5678CD", "LEI")
"""Another's of the same prison."""
STRANGER = Extension("1003", "wing-three", "Z9999ZZ", "LEI")
"""Of a prisoner of whom nobody knows anything."""
EXTENSIONS = (NAMED, OTHER, STRANGER)
RESTRICTED = "07700900123"
FREE = "02079460018"
SAMARITANS = "116123"
REGISTER = '{"name": "Samaritans", "kind": "helpline", "contacts": [{"kind": "phone", "value": "116 123"}]}\n'


class Exchange(NamedTuple):
    """All of it, running."""

    service: Service
    key: str
    switch: Switch
    carrier: Carrier


@contextmanager
def exchange_in(folder: Path) -> Iterator[Exchange]:
    """A real service with one restriction and a register, asked by a real switch."""
    folder.mkdir(parents=True, exist_ok=True)
    with service_in(folder, **AS_FAST_AS_IT_GOES) as service:  # two prisoners dial for all
        register = folder / "register.jsonl"
        register.write_text(REGISTER)
        said = command(service.data, "import", "--confidential", str(register))
        assert said.returncode == 0, said.stderr
        key = new_key(service)
        with (
            carrier_in(folder / "carrier") as carrier,
            switch_in(
                folder / "switch", service.url, key, EXTENSIONS, carrier.port, choices={"NC_TIMEOUT": "3000"}
            ) as switch,
        ):
            time.sleep(1)  # the register is in force with the next blocklist
            yield Exchange(service, key, switch, carrier)


def new_key(service: Service) -> str:
    """A phone system's key."""
    with service.key(Role.PHONE_SYSTEM) as client:
        return client.headers["authorization"].split()[1]


def call(dialled: str, extension: Extension = NAMED, name: str = "") -> Call:
    """One call; it is found again under the string that is dialled, where it has no name."""
    return Call(name or dialled, extension, dialled)


Answering = Callable[[dict[str, str]], tuple[int, bytes]]
"""What a stand-in answers to the body of a check: status and body."""


@contextmanager
def stand_in(answer: Answering, seconds: float = 0) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A service that says what it is told to, after some time. Gives its address and what it was asked."""
    asked: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append(body)
            time.sleep(seconds)
            status, said = answer(body)
            try:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
            except OSError:
                return

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer_of(body: dict[str, str], **fields: object) -> bytes:
    """A usable answer to a check, but for `fields`."""
    plain = {"id": body["id"], "decision": "allow", "action": "connect", "confidential": False}
    return json.dumps(plain | fields).encode()
