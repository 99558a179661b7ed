"""Connections: how many, from whom, and how long each may take to say or to hear something.

Whoever sends half a request and waits holds a descriptor; a thousand of them, and nobody gets in. An ASGI
application never sees such a request, so this stands in the server's protocol. Three bounds:

- **of one peer**, so that one machine cannot have them all;
- **of all**, below what the process may have open, so that the database and the switch keep theirs;
- **of the switch's own door** (`NOCONTACT_SWITCH_SOCKET`, `NOCONTACT_SWITCH_PORT`), which others cannot fill.

Where a bound is met, the new connection takes the place of the oldest that has no request under way: one that
asks something is answered within milliseconds, and is never the oldest. Each bound says so in the log.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any, cast

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from service.errors import PROBLEM_JSON, ServiceError, problem
from service.operations.sparing import Sparing
from service.web.exchange import Quick, QuickExchange
from service.web.http import SLOWEST_BODY

SLOWEST_HEAD = 10.0
"""Seconds from a connection, or from the last answer on it, to the end of the next request's head."""
SLOWEST_READER = 30.0
"""Seconds in which a client has to take `LEAST_TAKEN` of an answer that waits for it."""
LEAST_TAKEN = 16 * 1024
LEAST_RATE = 4 * 1024
"""Bytes a second of a body that may take longer than `SLOWEST_BODY`: a picture over a prison's slow line."""
BODY_LEEWAY = 2.0
"""Seconds after which a body is ended here that the application has not refused itself."""
MOST_HEADERS = 100
LONGEST_HEAD = 64 * 1024
"""Bytes."""
KEPT = 256
"""Descriptors for database, files and the switch's door."""
OF_SWITCH = 128
"""Connections of the switch's door."""


class _HeadError(Exception):
    """A head that is not read further."""


class _HeadTooLargeError(ServiceError):
    status = 431
    title = "Request header fields too large"


class _TooSlowError(ServiceError):
    status = 408
    title = "Request timeout"


class _UnreadableError(ServiceError):
    status = 400
    title = "Bad request"


class Connections:
    """Every connection of one server, and its bounds. Used on the event loop alone."""

    def __init__(self, most: int, of_peer: int, switch: frozenset[object] = frozenset()) -> None:
        """`switch` holds what the sockets of the switch's door say of themselves (`getsockname`)."""
        self.most, self.of_peer, self.switch = most, of_peer, switch
        self.bound = Sparing("connections_bound_met")
        self.unread = Sparing("request_not_read")
        self.slow = Sparing("connection_too_slow")
        self._peers: dict[str, set[Connection]] = {}
        self._waiting: dict[Connection, None] = {}
        self._switch: dict[Connection, None] = {}
        self._ordinary = 0

    def add(self, new: Connection) -> bool:
        """Take one in. False where it has to be closed: every other one is being answered."""
        if new.is_switch:
            if len(self._switch) >= OF_SWITCH:
                self.bound.note("switch")
                oldest = next((one for one in self._switch if one.waits_since is not None), None)
                if oldest is None:
                    return False
                self._end(oldest)
            self._switch[new] = None
            return True
        peer = self._peers.setdefault(new.peer, set())
        if len(peer) >= self.of_peer:
            self.bound.note("peer")
            oldest = min((one for one in peer if one.waits_since is not None), key=_since, default=None)
        elif self._ordinary >= self.most:
            self.bound.note("all")
            oldest = next(iter(self._waiting), None)
        else:
            oldest = new
        if oldest is None:
            return False
        if oldest is not new:
            self._end(oldest)
        self._peers.setdefault(new.peer, set()).add(new)
        self._ordinary += 1
        return True

    def remove(self, gone: Connection) -> None:
        """It is closed."""
        self._waiting.pop(gone, None)
        if self._switch.pop(gone, gone) is None:
            return
        peer = self._peers.get(gone.peer)
        if peer is not None and gone in peer:
            peer.discard(gone)
            self._ordinary -= 1
            if not peer:
                del self._peers[gone.peer]

    def waits(self, one: Connection) -> None:
        """No request is under way on it: it may have to make room."""
        if not one.is_switch:
            self._waiting[one] = None

    def asks(self, one: Connection) -> None:
        """A request is under way on it."""
        self._waiting.pop(one, None)

    def sweep(self, now: float) -> None:
        """End what takes too long; called once a second. `now` is the event loop's."""
        everyone = [one for peer in self._peers.values() for one in peer]
        for one in [*everyone, *self._switch]:
            too_slow = one.too_slow(now)
            if too_slow:
                self.slow.note(too_slow)
                one.end(too_slow)
        for lines in (self.bound, self.unread, self.slow):
            lines.flush()

    def _end(self, one: Connection) -> None:
        self.remove(one)
        one.transport.abort()


def _since(one: Connection) -> float:
    return one.waits_since or 0.0


class Connection(HttpToolsProtocol):
    """One client's connection."""

    connections_of_server: Connections
    quick: Quick | None = None

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """As the server makes it."""
        super().__init__(config, server_state, app_state, _loop)
        self.peer = ""
        self.is_switch = False
        self.waits_since: float | None = None
        """Since when no request is under way; None while one is."""
        self._body_since: float | None = None
        self._head_bytes = self._body_bytes = 0
        self._in_body = False
        """Also of a request that is answered already: what comes then is no head."""
        self._taken_at: float | None = None
        self._untaken = 0
        self._refusal: ServiceError | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count it, or close it."""
        super().connection_made(transport)
        self.peer = self.client[0] if self.client else ""
        self.is_switch = _name(transport.get_extra_info("sockname")) in self.connections_of_server.switch
        if not self.connections_of_server.add(self):
            transport.abort()
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Its place is free."""
        self.connections_of_server.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head grows too long."""
        self._unset_keepalive_if_required()
        if self.waits_since is not None and not self._in_body:
            self._head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:  # what the callbacks below raise as well
            self._refuse(self._refusal or _UnreadableError("not a request that can be read"))
            return
        except httptools.HttpParserUpgrade:  # to what nobody speaks here: answered as if it was not asked for
            self.connections_of_server.unread.note("upgrade")
        if self.waits_since is not None and self._head_bytes > LONGEST_HEAD:
            self._refuse(_HeadTooLargeError(f"a head has at most {LONGEST_HEAD:,} bytes"))

    def on_message_begin(self) -> None:
        """A request begins. Its scope, which not every one needs, is made when its head is there."""
        self.url, self.headers, self.expect_100_continue = b"", [], False

    def on_headers_complete(self) -> None:
        """A request is under way, unless its head is too large."""
        if len(self.headers) > MOST_HEADERS:
            self._refusal = _HeadTooLargeError(f"a head has at most {MOST_HEADERS} fields")
            raise _HeadError
        if self._head_bytes > LONGEST_HEAD:
            long = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if long > LONGEST_HEAD:
                self._refusal = _HeadTooLargeError(f"a head has at most {LONGEST_HEAD:,} bytes")
                raise _HeadError
        self._head_bytes = 0
        self.waits_since = None
        self.connections_of_server.asks(self)
        self._body_since, self._body_bytes = self.loop.time(), 0
        self._in_body = True
        if self.quick is not None and self.quick.takes(self.parser.get_method(), self.url):
            self._begin(self.quick)
        else:
            self._begin_scope()
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count it."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._body_since, self._in_body = None, False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It is answered: the next may be asked."""
        super().on_response_complete()
        if self.cycle.response_complete:
            self._body_since = None
            self._wait()

    def too_slow(self, now: float) -> str:
        """What it takes too long for; empty when it does not."""
        if self.waits_since is not None and now - self.waits_since > SLOWEST_HEAD:
            return "head"
        if self._body_since is not None:
            if self.flow.read_paused:  # it is we who do not read
                self._body_since, self._body_bytes = now, 0
            allowed = SLOWEST_BODY + BODY_LEEWAY + self._body_bytes / LEAST_RATE
            if now - self._body_since > allowed:
                return "body"
        untaken = self.transport.get_write_buffer_size()
        if not untaken:
            self._taken_at = None
        elif self._taken_at is None or untaken + LEAST_TAKEN <= self._untaken:
            self._taken_at, self._untaken = now, untaken
        elif now - self._taken_at > SLOWEST_READER:
            return "reader"
        return ""

    def resume_writing(self) -> None:
        """The client took what waited."""
        self._taken_at = None
        super().resume_writing()

    def end(self, too_slow: str) -> None:
        """Close it, with a word where nothing was said yet."""
        begun = self.cycle is not None and not self.cycle.response_complete and self.cycle.response_started
        said_something = self._head_bytes > 0 or self._body_since is not None
        if too_slow != "reader" and said_something and not begun:
            self._answer(_TooSlowError(f"the {too_slow} of the request took too long"))
        self.transport.abort() if too_slow == "reader" else self.transport.close()

    def _begin(self, quick: Quick) -> None:
        """Have it answered without ASGI, after the one before it."""
        before = self.cycle
        exchange = QuickExchange(
            self.url,
            self.headers,
            self.transport,
            self.flow,
            self.server_state,
            self.on_response_complete,
            keep_alive=self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive(),
            expects=self.expect_100_continue,
        )
        self.cycle = cast(RequestResponseCycle, exchange)
        application = cast(ASGI3Application, quick)
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, application)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, application))

    def _begin_scope(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)

    def _wait(self) -> None:
        self.waits_since = self.loop.time()
        self._head_bytes = 0
        self.connections_of_server.waits(self)

    def _refuse(self, refusal: ServiceError) -> None:
        self.connections_of_server.unread.note("malformed" if refusal.status == 400 else "head")
        if not self.transport.is_closing():
            self._answer(refusal)
            self.transport.close()

    def _answer(self, refusal: ServiceError) -> None:
        body = problem(refusal)
        head = [
            STATUS_LINE.get(refusal.status, STATUS_LINE[400]),
            *(name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers),
            b"content-type: " + PROBLEM_JSON.encode() + b"\r\n",
            b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body),
        ]
        self.transport.write(b"".join(head) + body)


def protocol(connections: Connections, quick: Quick | None = None) -> type[asyncio.Protocol]:
    """The server's protocol with these bounds. What `quick` takes is not the application's."""
    of_server = {"connections_of_server": connections, "quick": quick}
    return cast("type[asyncio.Protocol]", type("Connection", (Connection,), of_server))


def most_connections(wanted: int | None) -> int:
    """Connections that there may be: as many as wanted, and no more than descriptors are left for.

    The process takes as many descriptors as it is allowed to have.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    able = max(64, hard - KEPT - OF_SWITCH) if hard != resource.RLIM_INFINITY else 1 << 20
    return min(wanted or able, able)


def _name(socket_name: object) -> object:
    """What a socket says of itself: its path, or its port."""
    return socket_name[1] if isinstance(socket_name, tuple) else socket_name


def names(socket_names: list[object]) -> frozenset[object]:
    """The same of several."""
    return frozenset(map(_name, socket_names))
