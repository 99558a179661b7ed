"""What an operator may set of the public form: environment variables that begin with `NOCONTACT_PUBLIC_`.

No file is read for them, and a secret of the service in the environment is refused: this process holds none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

PREFIX = "NOCONTACT_PUBLIC_"
SECRETS = ("NOCONTACT_KEY", "NOCONTACT_KEY_FILE", "NOCONTACT_DATABASE_URL")
"""And whatever ends in `_SECRET`."""


class PublicSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The form's settings, read once at the start."""

    intake: str = ""
    """Folder into which sealed requests are put."""
    key_file: str = ""
    """File of the case handlers' public key, 32 bytes in base64. The private one is never on this machine."""
    host: str = "127.0.0.1"
    """Address to listen on. Anything else than loopback belongs behind TLS."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8086
    """Port to listen on; 0 takes a free one and prints it."""
    proxies: str = "127.0.0.1"
    """Addresses, with commas between, whose `X-Forwarded-For` is believed: the proxy that speaks TLS."""
    connections_per_peer: Annotated[int, Meta(ge=1)] = 256
    """Connections of one address; behind a proxy everybody is one address."""
    hsts_days: Annotated[int, Meta(ge=0)] = 365
    """So long browsers shall come here over TLS alone; 0 says nothing of it."""

    telephone: str = ""
    """Number of the helpline, shown on every page. Without it the pages name none."""
    exit_url: Annotated[str, Meta(pattern=r"^https://")] = "https://www.bbc.co.uk/weather"
    """Where "Exit this page" leads: a site that anybody might have open."""

    most_requests: Annotated[int, Meta(ge=1)] = 20_000
    """Requests that wait in the intake. Beyond it the form says that it is full."""
    most_bytes: Annotated[int, Meta(ge=1)] = 4 << 30
    """Bytes of them."""
    evidence_files: Annotated[int, Meta(ge=0)] = 10
    """Files that come with one report."""
    evidence_bytes: Annotated[int, Meta(ge=0)] = 20 << 20
    """Bytes of them together. Each upload under way is held in memory, a few times over."""
    uploads: Annotated[int, Meta(ge=1)] = 8
    """Reports with files that are received at once, two of one address; others are asked to come again."""

    pages_rate: Annotated[float, Meta(gt=0)] = 10
    """Pages a second of one address, on average. A station of police is one address."""
    pages_burst: Annotated[float, Meta(ge=1)] = 300
    """Pages that may come at once after a quiet time."""
    all_pages_rate: Annotated[float, Meta(gt=0)] = 200
    """Pages a second of everybody together; a core makes some hundreds."""
    send_seconds: Annotated[float, Meta(gt=0)] = 30
    """Seconds between two requests of one address, once it has sent `send_at_once`. Who is quicker waits."""
    send_at_once: Annotated[int, Meta(ge=1)] = 20
    all_send_seconds: Annotated[float, Meta(gt=0)] = 0.25
    """The same for everybody together."""
    all_send_at_once: Annotated[int, Meta(ge=1)] = 500
    longest_wait: Annotated[float, Meta(gt=0)] = 900
    """Seconds that anybody is asked to wait before sending; beyond it the page gives the telephone number."""
    log_level: str = "INFO"


def public_settings(environment: Mapping[str, str] = os.environ, **given: Any) -> PublicSettings:
    """The settings; what is `given` goes first, unless it is None. Raises ValueError."""
    held = [name for name in environment if name in SECRETS or _is_secret(name)]
    if held:
        raise ValueError(
            f"{held[0]} is a secret of the service: the public form has to be started without it"
        )
    found: dict[str, Any] = {
        name: environment[PREFIX + name.upper()]
        for name in PublicSettings.__struct_fields__
        if PREFIX + name.upper() in environment
    }
    found |= {name: value for name, value in given.items() if value is not None}
    settings = msgspec.convert(found, PublicSettings, strict=False)
    for name in ("intake", "key_file"):
        if not getattr(settings, name):
            raise ValueError(f"{PREFIX}{name.upper()} is not set")
    return settings


def _is_secret(name: str) -> bool:
    return name.startswith("NOCONTACT_") and name.endswith("_SECRET")
