"""A port for a program that a test or a measurement starts."""

from __future__ import annotations

import random
import socket

_BELOW = 32_768
"""From here on Linux gives ports to those who ask for any: another program's connection may be there by the
time that ours listens, or while it is down (`net.ipv4.ip_local_port_range`)."""
_ports = random.SystemRandom()


def free_port(address: str = "127.0.0.1") -> int:
    """One that nobody has there, neither for TCP nor for UDP, and that nobody is given by chance."""
    while True:
        port = _ports.randrange(_BELOW // 2, _BELOW)
        if all(is_free(address, port, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            return port


def is_free(address: str, port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True
