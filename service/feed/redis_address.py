"""Where Redis is, from one address: a server, the Sentinels that watch over it, or a cluster. Valkey too."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import unquote

PORTS = {"server": 6379, "sentinel": 26379, "cluster": 6379}


class RedisAddress(NamedTuple):
    """One address taken apart."""

    kind: Literal["server", "sentinel", "cluster"]
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    username: str | None = None
    password: str | None = None
    name: str = ""
    """What the watched server is called there, of `sentinel`."""

    def __repr__(self) -> str:
        return f"RedisAddress({self.kind})"


_form = re.compile(
    r"(?P<scheme>rediss?)(\+(?P<kind>sentinel|cluster))?://"
    r"((?P<user>[^:@/]*)(:(?P<password>[^@/]*))?@)?(?P<hosts>[^/]+)(/(?P<name>[^/?]*))?"
)


def read_address(url: str) -> RedisAddress:
    """From `redis://[user:password@]host[:port]`, `rediss://…` for TLS, `redis+sentinel://host:port,…/NAME`,
    `redis+cluster://host:port,…`. Raises ValueError that does not repeat it: it may hold a password."""
    read = _form.fullmatch(url)
    if read is None:
        raise ValueError(
            "not an address of Redis: redis://host:port, redis+sentinel://…/NAME, redis+cluster://…"
        )
    kind = read["kind"] or "server"
    hosts = tuple(_host(one, PORTS[kind]) for one in read["hosts"].split(","))
    if kind == "server" and len(hosts) > 1:
        raise ValueError("several hosts of Redis: say redis+sentinel:// or redis+cluster://")
    if kind == "sentinel" and not read["name"]:
        raise ValueError("redis+sentinel:// needs the name of the watched server behind the hosts: /NAME")
    if kind != "sentinel" and read["name"] not in (None, "", "0"):
        raise ValueError("the feed is in Redis's database 0")
    user, password = read["user"] or None, read["password"]
    return RedisAddress(
        kind,  # type: ignore[arg-type]
        read["scheme"] == "rediss",
        hosts,
        unquote(user) if user else None,
        unquote(password) if password is not None else None,
        read["name"] if kind == "sentinel" else "",
    )


def _host(text: str, port: int) -> tuple[str, int]:
    bracketed = re.fullmatch(r"\[(?P<host>[0-9A-Fa-f:.]+)\](:(?P<port>\d{1,5}))?", text)
    plain = re.fullmatch(r"(?P<host>[^:\[\]]+)(:(?P<port>\d{1,5}))?", text)
    read = bracketed or plain
    if read is None or int(read["port"] or port) > 65535:
        raise ValueError("not a host and port of Redis")
    return read["host"], int(read["port"] or port)
