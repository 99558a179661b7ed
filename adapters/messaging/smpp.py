"""A gate for SMPP 3.4 between the platform, which binds to it and submits texts, and the carrier.

    python -m adapters.messaging.smpp --node https://node:8085 --key-file key \\
        --carrier smsc.example:2775 --carrier-id prison --carrier-password-file password

Each `submit_sm` is read and asked about. What is answered deliver goes on to the carrier, and the platform
has the carrier's answer. Anything else is refused with one status that never says why: what is to be held or
stopped, what cannot be read, what nobody answered for. Receipts go back to the platform.
A text that was held and then released by a reviewer goes on when it is sent again. Nothing that was sent is
logged, and no text is kept.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import msgspec
import smpp34

from adapters.check_client.client import Client
from adapters.check_client.serving import add_client_options, client_of
from adapters.messaging.short_messages import (
    MOST_PARTS,
    PRISONER_TAG,
    Message,
    TextPart,
    attempt_id,
    body_of,
    read,
)
from adapters.messaging.webhook import TIMEOUT
from matchers.prison import is_prisoner_number

PATIENCE = 30.0
"""Seconds for which the parts of a long text wait for each other."""
MOST_WAITING = 200
"""Long texts of which parts are missing."""
MOST_HELD = 10_000
"""Held texts that are known again, by a keyed hash; of more, the oldest are asked about anew."""
MOST_IN_HAND = 2_000
"""Messages without an answer; more are sent back as to a full queue, whatever they say."""
WINDOW = 10
"""Messages for which the carrier owes an answer, as carriers count; the library does not."""
MOST_RECEIPTS = 1_000
"""Receipts kept while no session of the platform can receive; of more, the oldest are lost."""
MOST_IN_QUEUE = 100_000
"""What the library may keep for us until we take it, which we do at once. With a full queue it loses the end
of a session, and refuses a receipt in octets after which the carrier can read nothing any more.
"""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds until the carrier is tried again; each time twice as many."""
LISTENING_EVERY = 10.0
"""Seconds between two looks whether the port is open: the library closes it for good without a word when it
cannot accept one connection, with too many open files for one."""
BOUND_EVERY = 0.25
"""Seconds between two looks whether the carrier is still there."""
SETTLING = 0.2
"""Seconds that the library's threads have at the end; without them the interpreter crashes as it closes."""

OK, SYSTEM_ERROR, QUEUE_FULL, SUBMIT_FAILED = 0x00, 0x08, 0x14, 0x45
"""What a `submit_sm` is answered: SMPP 3.4, 5.1.3."""


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """Where the carrier's message centre is, and who we are there."""

    host: str
    port: int
    system_id: str
    password: str

    def __repr__(self) -> str:
        return f"Carrier({self.host}:{self.port})"


class SubmitResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform is told: the carrier's name of the message, or why it has none."""

    message_id: str = ""
    status: int = OK


REFUSED = SubmitResult(status=SUBMIT_FAILED)
UNAVAILABLE = SubmitResult(status=SYSTEM_ERROR)


class Gate:
    """Between a platform and a carrier. For one event loop."""

    def __init__(
        self,
        client: Client,
        carrier: Carrier,
        *,
        prisoner_tag: int = PRISONER_TAG,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`client` is closed at the end of `serve`; `patience` in seconds; `clock` gives Unix time."""
        self._client = client
        self._carrier = carrier
        self._prisoner_tag = prisoner_tag
        self._patience = patience
        self._clock = clock
        self._smsc: smpp34.Smsc | None = None
        self._window = asyncio.Semaphore(WINDOW)
        self._in_hand: set[asyncio.Task[None]] = set()
        self._waiting: dict[_Key, _LongText] = {}
        self._held: dict[bytes, str] = {}
        """The check's id of what is held, by the hash of who says what to whom."""
        self._hash_key = secrets.token_bytes(32)
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._receivers: dict[str, smpp34.Esme] = {}
        self._is_receiving = asyncio.Event()
        self._receipts: asyncio.Queue[smpp34.DeliverSmEvent] = asyncio.Queue(MOST_RECEIPTS)

    @property
    def is_bound(self) -> bool:
        """Whether there is a carrier to pass anything on to."""
        return self._smsc is not None

    async def serve(self, host: str, port: int) -> None:
        """Answer until it is cancelled; says where it listens. `host` is an IP address.

        Raises SmppError when it cannot listen, and OSError in a group when the port is open no more.
        """
        server = smpp34.Server(host, port, system_id="nocontact", inbound_capacity=MOST_IN_QUEUE)
        await server.start()
        print(f"listening on smpp://{host}:{port}", flush=True)
        try:
            async with self._client, asyncio.TaskGroup() as group:
                group.create_task(self._keep_bound())
                group.create_task(self._pass_back(group))
                group.create_task(_keep_listening(host, port))
                group.create_task(self._take(server, group))
        finally:
            await server.stop()
            await asyncio.sleep(SETTLING)

    async def _take(self, server: smpp34.Server, group: asyncio.TaskGroup) -> None:
        """Take up whatever the platform does, in the order in which the library says so."""
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                if event.can_receive:
                    self._receivers[event.session_id] = event
                    self._is_receiving.set()
            elif isinstance(event, smpp34.Unbound):
                self._forget(event.session_id)
            elif len(self._in_hand) >= MOST_IN_HAND:
                event.reject(QUEUE_FULL)
            else:
                task = group.create_task(self._answer(event))
                self._in_hand.add(task)
                task.add_done_callback(self._in_hand.discard)

    def _forget(self, session: str) -> None:
        """A session has ended: no receipts for it, no more parts from it."""
        self._receivers.pop(session, None)
        if not self._receivers:
            self._is_receiving.clear()
        for key, text in [item for item in self._waiting.items() if item[0][0] == session]:
            self._give_up(key, text)

    async def _answer(self, submitted: smpp34.SubmitSmEvent) -> None:
        """One submit_sm. It is always answered here: one that is dropped is answered late by the library."""
        try:
            told = await self._told(submitted)
        except Exception:  # a traceback could hold what was sent
            told = REFUSED
        if told.status == OK:
            submitted.accept(told.message_id)
        else:
            submitted.reject(told.status)

    async def _told(self, submitted: smpp34.SubmitSmEvent) -> SubmitResult:
        if not self.is_bound:  # before anything is read: so this says nothing about the text
            return UNAVAILABLE
        message = read(submitted, self._prisoner_tag)
        if message.place is None:
            passage = await self._may_pass((message,))
        else:
            passage = await self._may_pass_together(submitted.session_id, message, message.place)
        if not passage.may_pass:
            return REFUSED
        told = await self._pass_on(submitted)
        if told.status != OK and passage.released is not None:
            self._held.setdefault(*passage.released)
        return told

    async def _may_pass(self, parts: Sequence[Message]) -> _Passage:
        """Whether the check says deliver.

        Texts of one prisoner to one number take turns: each is recorded before the next is asked about. What
        is held is not asked about again: once it is released, it passes until the carrier has taken it once.
        """
        first, body = parts[0], body_of(parts)
        named = msgspec.msgpack.encode((first.prisoner, first.to, body))
        content = hmac.digest(self._hash_key, named, "sha256")
        turn = self._turns.setdefault((first.prisoner, first.to), asyncio.Lock())
        async with turn:
            if content in self._held:
                standing = await self._client.standing("message", self._held[content])
                if standing in ("held", None):
                    return _NO
                held = self._held.pop(content)
                if standing == "released":
                    return _Passage(True, (content, held))
            asked = attempt_id(parts, self._clock())
            answer = await self._client.check(
                "message", id=asked, prisoner=first.prisoner, to=first.to, body=body
            )
            if answer.action == "hold":
                if len(self._held) >= MOST_HELD:
                    del self._held[next(iter(self._held))]
                self._held[content] = asked
        return _Passage(answer.action == "deliver")

    async def _may_pass_together(self, session: str, message: Message, place: TextPart) -> _Passage:
        """The same for a part, once all are there: the last to come asks, the others wait for its answer."""
        key = (session, message.prisoner, message.to, place.form, place.reference)
        text = self._waiting.get(key)
        if text is None:
            if place.total > MOST_PARTS or len(self._waiting) >= MOST_WAITING:
                return _NO
            text = self._waiting[key] = _LongText(place.total)
            asyncio.get_running_loop().call_later(self._patience, self._give_up, key, text)
        if place.total != text.total or text.parts.setdefault(place.number, message) != message:
            self._give_up(key, text)
            return _NO
        if len(text.parts) < text.total:
            return await text.passage
        del self._waiting[key]  # what comes with this reference from now on is another text
        try:
            passage = await self._may_pass([text.parts[number + 1] for number in range(text.total)])
            text.passage.set_result(passage)
        finally:
            text.refuse()
        return passage

    def _give_up(self, key: _Key, text: _LongText) -> None:
        """Refuse the parts that came, unless all did: then they have, or are about to have, their answer."""
        if self._waiting.get(key) is text:
            del self._waiting[key]
            text.refuse()

    async def _pass_on(self, submitted: smpp34.SubmitSmEvent) -> SubmitResult:
        """Send it as it came, without the prisoner number. What the carrier says to it.

        A carrier that says nothing (the library waits 30 seconds) or goes away may have it all the same.
        """
        fields = _fields(submitted)
        fields["tlvs"] = [one for one in submitted.tlvs if one.tag != self._prisoner_tag]
        if is_prisoner_number(submitted.source_addr.upper()):
            fields |= {"source_addr": "", "source_addr_ton": 0, "source_addr_npi": 0}
        async with self._window:
            if self._smsc is None:
                return UNAVAILABLE
            try:
                said = await self._smsc.submit_sm(**fields)
            except smpp34.SmppError:
                return UNAVAILABLE
        return SubmitResult(message_id=said.message_id or "", status=said.command_status)

    async def _keep_bound(self) -> None:
        """Bind to the carrier, and when that ends, again: after a pause that grows while it does not last."""
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            try:
                await self._bind()
            except Exception:  # whatever it is, it is tried again
                if not _is_to_end():
                    print("carrier: cannot bind", flush=True)
            if _is_to_end():
                return
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _bind(self) -> None:
        """One bind, until it ends. Raises SmppError when there is none."""
        where = self._carrier
        link = smpp34.Client(
            where.host, where.port, where.system_id, where.password, inbound_capacity=MOST_IN_QUEUE
        )
        smsc = await link.connect()
        receiving = asyncio.create_task(self._receive(smsc))
        self._smsc = smsc
        print("carrier: bound", flush=True)
        try:
            while await link.is_alive() and not receiving.done() and not _is_to_end():
                await asyncio.sleep(BOUND_EVERY)
        finally:
            self._smsc = None
            print("carrier: gone", flush=True)
            receiving.cancel()
            with suppress(TimeoutError):
                await asyncio.wait_for(smsc.unbind(), SETTLING)

    async def _receive(self, smsc: smpp34.Smsc) -> None:
        """Take what the carrier delivers; the library has said yes to it already."""
        while not isinstance(event := await smsc.next(), smpp34.Disconnected):
            if self._receipts.full():
                self._receipts.get_nowait()
            self._receipts.put_nowait(event)

    async def _pass_back(self, group: asyncio.TaskGroup) -> None:
        """Hand receipts to the platform while a session can receive; none waits for the answer to another."""
        while True:
            receipt = await self._receipts.get()
            await self._is_receiving.wait()
            group.create_task(self._hand_over(receipt))

    async def _hand_over(self, receipt: smpp34.DeliverSmEvent) -> None:
        """Give it to the session that was bound last, or if that does not take it, to the one before.

        The library does not hear what a session says that is bound as receiver only: it waits 30 seconds and
        raises SmppError, so that where there are two, both have the receipt.
        """
        fields = _fields(receipt)
        for esme in reversed(list(self._receivers.values())):
            with suppress(Exception):  # a traceback could hold what was sent
                if (await esme.deliver_sm(**fields)).is_success:
                    return
            if _is_to_end():
                return


class _Passage(NamedTuple):
    """Whether a text may go on, and where a release lets it, what it was held as: hash, check's id."""

    may_pass: bool
    released: tuple[bytes, str] | None = None


_NO = _Passage(False)


class _LongText:
    """A text of which parts are missing. Those that came wait for `passage`."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.parts: dict[int, Message] = {}
        self.passage: asyncio.Future[_Passage] = asyncio.get_running_loop().create_future()

    def refuse(self) -> None:
        """No, unless there is an answer."""
        if not self.passage.done():
            self.passage.set_result(_NO)


_Key = tuple[str, str, str, str, int]
"""Session, prisoner, number, form and reference: what the parts of one text have in common."""


def _is_to_end() -> bool:
    """Whether this task was cancelled: of that the library can make another error, as it unbinds for one."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _keep_listening(host: str, port: int) -> None:
    """Ends with OSError when nothing listens any more: whoever started this starts it again."""
    while True:
        await asyncio.sleep(LISTENING_EVERY)
        _, writer = await asyncio.open_connection(host, port)
        writer.close()


_PASSED = (
    "destination_addr short_message source_addr service_type source_addr_ton source_addr_npi dest_addr_ton"
    " dest_addr_npi esm_class protocol_id registered_delivery data_coding tlvs"
).split()
"""The fields that the library lets through: not priority, validity period, time of delivery, replacement."""


def _fields(event: smpp34.SubmitSmEvent | smpp34.DeliverSmEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _PASSED}


def _is_loopback(host: str) -> bool:
    """Whether only this machine can connect. Raises ValueError for what is no IP address."""
    return ipaddress.ip_address(host).is_loopback


def _carrier_address(given: str) -> tuple[str, int]:
    """`host:port`, an IPv6 address in brackets. Raises ValueError."""
    host, _, port = given.rpartition(":")
    if not host:
        raise ValueError("host:port")
    return host.strip("[]"), int(port)


def _vendor_tag(given: str) -> int:
    """One of the tags that are left to vendors. Raises ValueError."""
    tag = int(given, 0)
    if not 0x1400 <= tag <= 0x3FFF:
        raise ValueError("0x1400 to 0x3FFF")
    return tag


def main() -> None:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1", help="IP address to listen on")
    parser.add_argument("--port", type=int, default=2775)
    parser.add_argument("--behind-proxy", action="store_true", help="a proxy says who may bind, so listen on")
    add_client_options(parser, "message", TIMEOUT)
    parser.add_argument("--carrier", type=_carrier_address, required=True, help="host:port to bind to")
    parser.add_argument("--carrier-id", required=True, help="our system_id there")
    parser.add_argument(
        "--carrier-password-file", type=Path, required=True, help="file of the password there"
    )
    parser.add_argument("--prisoner-tag", type=_vendor_tag, default=PRISONER_TAG, help="0x1400 to 0x3FFF")
    given = parser.parse_args()
    try:
        if not _is_loopback(given.host) and not given.behind_proxy:
            parser.error("--host: whoever connects can bind; give a loopback address, or --behind-proxy too")
    except ValueError:
        parser.error("--host: no IP address")
    host, port = given.carrier
    password = given.carrier_password_file.read_text().strip()
    carrier = Carrier(host=host, port=port, system_id=given.carrier_id, password=password)
    gate = Gate(client_of(given), carrier, prisoner_tag=given.prisoner_tag)
    with suppress(KeyboardInterrupt):
        asyncio.run(gate.serve(given.host, given.port))


if __name__ == "__main__":
    main()
