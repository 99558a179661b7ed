"""The file of checkpoints: what each line says, read whole and read in short."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.ledger import checkpoints, heads
from service.ledger.heads import Head

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()

signed = st.builds(
    lambda head: replace(head, signature=KEY.sign(heads.message(head))),
    st.builds(
        Head,
        st.integers(0, (1 << 63) - 1),
        st.binary(min_size=32, max_size=32),
        st.just("2026-01-01T09:30:02.000000Z"),
        st.just(b""),
        st.sampled_from(["", "a", "example.com/log", 'quo"ted\\n1\\n', "chäin\\nchain"]),
        st.binary(min_size=32, max_size=32),
    ),
)
"""Heads of both forms. One of the older has no root, which is not in its line."""


def line_of(head: Head) -> bytes:
    if head.origin:
        return json.dumps({"note": heads.to_note(head, PUBLIC)}, separators=(",", ":")).encode()
    parts = {"seq": head.seq, "hash": head.hash.hex(), "at": head.at, "signature": head.signature.hex()}
    return json.dumps(parts).encode()


@given(st.lists(signed | st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"")), max_size=5))
def test_what_is_read_in_short_is_what_is_read_whole(said: list[Head | bytes]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "file")
        file.write_bytes(b"".join((line_of(one) if isinstance(one, Head) else one) + b"\n" for one in said))
        whole = list(checkpoints.lines(file, PUBLIC))
        short = list(checkpoints.claims(file, PUBLIC))
    assert short == [(one.seq, one.hash) if isinstance(one, Head) else one for one in whole]
    for one, read in zip(said, whole, strict=True):
        if isinstance(one, Head):
            assert isinstance(read, Head)
            assert heads.is_signed(read, PUBLIC)
            assert (read.seq, read.hash, read.at, read.origin) == (one.seq, one.hash, one.at, one.origin)
        else:
            assert isinstance(read, checkpoints.Unreadable)


def test_a_note_of_the_service_is_read_in_short(tmp_path: Path) -> None:
    head = Head(3, bytes(32), "2026-01-01T09:30:02.000000Z", b"", "example.com/log", bytes(32))
    checkpoints.add(tmp_path / "file", heads.to_note(head, PUBLIC))
    assert checkpoints._CLAIM.match((tmp_path / "file").read_bytes())
    assert list(checkpoints.claims(tmp_path / "file", PUBLIC)) == [(3, bytes(32))]
