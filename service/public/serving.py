"""`nocontact public`: the process of the form, which has a public key and a folder, and nothing else."""

from __future__ import annotations

import base64
import os
import resource
import signal
import socket
from pathlib import Path

import uvicorn

from service.operations import logs
from service.public.app import PublicForm
from service.public.intake import IntakeFolder
from service.public.pages import environment
from service.public.sealing import seal
from service.public.settings import PublicSettings
from service.public.words import words
from service.web.connections import Connections, most_connections, protocol
from service.web.listening import ListeningServer

LAST_ANSWERS = 30
"""Seconds for what is being sent when it is told to stop."""


def serve(settings: PublicSettings) -> None:
    """Serve until SIGTERM or SIGINT. Raises ValueError, OSError."""
    logs.configure(settings.log_level)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what was typed is on no disk, whatever happens
    key = public_key(Path(settings.key_file))
    most_bytes = settings.most_bytes
    intake = IntakeFolder(Path(settings.intake), most=settings.most_requests, most_bytes=most_bytes)
    words("cy")
    environment().get_template("question.html")
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    connections = Connections(most_connections(None), settings.connections_per_peer)
    with socket.create_server((settings.host, settings.port), family=family) as door:
        config = uvicorn.Config(
            PublicForm(settings, intake, key),
            http=protocol(connections),
            forwarded_allow_ips=settings.proxies,
            ws="none",
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=LAST_ANSWERS,
            **logs.UVICORN,
        )
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, lambda *_: None)  # the server raises it again at its end
        ListeningServer(config, connections).run([door])


def public_key(file: Path) -> bytes:
    """The public key in a file, 32 bytes in base64. Raises ValueError, OSError."""
    try:
        key = base64.b64decode(file.read_bytes().strip(), validate=True)
        seal(b"", key)
    except ValueError:
        raise ValueError(f"{file} holds no public key of 32 bytes in base64") from None
    return key
