"""Sealing a request for the case handlers: HPKE (RFC 9180), with their public key alone.

What is sealed here can be opened by whoever has the private key, which is never where this runs.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
INFO = b"nocontact intake 1"
"""What is sealed for one purpose is opened for no other."""


def seal(request: bytes, public_key: bytes) -> bytes:
    """A request that only the holder of the private key can read. `public_key`: 32 bytes of X25519.

    Raises ValueError for what is no such key.
    """
    return SUITE.encrypt(request, X25519PublicKey.from_public_bytes(public_key), INFO)
