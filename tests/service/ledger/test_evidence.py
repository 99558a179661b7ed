"""A record's proof as somebody outside checks it, with the page of Python that stands in `scripts`."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import update

from service.errors import NotFoundError
from service.ledger import checkpoints, heads
from service.ledger.evidence import ProofError, evidence, older_checkpoint
from service.ledger.record import ledger
from service.storage import sealing
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.databases import MASTER, sqlite_in
from tests.service.ledger.records import append, fill, record
from tests.service.ledger.test_verify import head_of, note

SCRIPT = Path(__file__).parents[3] / "scripts" / "check_proof.py"
REFUSED = (InvalidSignature, ValueError, LookupError, TypeError, AttributeError, StopIteration)


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_proof", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = _script()


def steps(proof: Any) -> list[str]:
    """What the script says to a proof. Raises what it takes for a refusal."""
    key = Ed25519PublicKey.from_public_bytes(script.unhex(proof["public_key"]))
    return list(script.check(proof, key))


def holds(proof: Any) -> bool:
    try:
        steps(proof)
    except REFUSED:
        return False
    return True


def proof_of(database: Database, vault: Vault, seq: int, since: Path | None = None) -> Any:
    older = older_checkpoint(since, vault) if since else None
    with database.read() as connection:
        return json.loads(msgspec.json.encode(evidence(connection, vault, seq, older)))


def run(*arguments: Path | str) -> tuple[int, str]:
    """The script as the expert runs it: isolated, with nothing of ours to import."""
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *map(str, arguments)], capture_output=True, text=True, cwd="/"
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 20])
def test_every_record_is_proved_since_every_checkpoint(
    database: Database, vault: Vault, tmp_path: Path, size: int
) -> None:
    files = []
    for seq in range(1, size + 1):
        append(database, vault, [record(seq)])
        files.append(tmp_path / f"checkpoint-{seq}")
        files[-1].write_text(heads.to_note(head_of(database), vault.public_key))
    for seq, file in enumerate(files, 1):
        proof = proof_of(database, vault, seq, file)
        assert len(steps(proof)) == 4
        assert proof["index"] == seq - 1
        assert record(seq).sealed.decode() not in json.dumps(proof)


def test_the_script_says_so_and_uses_nothing_of_ours(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    fill(database, vault, 9)
    note(tmp_path / checkpoints.FILE, vault, head_of(database))
    append(database, vault, [replace(record(10), detail='{"why": "é"}'.encode() * 40_000, blocklist=None)])
    proof = proof_of(database, vault, 10, tmp_path / checkpoints.FILE)
    file, key, other = tmp_path / "proof.json", tmp_path / "ledger.pem", tmp_path / "other.pem"
    file.write_text(json.dumps(proof))
    key.write_bytes(vault.public_key_pem)
    status, said = run(file, "--key", key)
    assert (status, said.count("holds: ")) == (0, 4), said
    status, said = run(file)
    assert (status, "compare it" in said) == (0, True)
    other.write_bytes(sealing.Vault({1: bytes(16)}, bytes(32), bytes(32)).public_key_pem)
    status, said = run(file, "--key", other)
    assert (status, "does not hold" in said) == (1, True)
    file.write_text("{}")
    assert run(file)[0] == run(tmp_path / "none")[0] == 1
    assert "nocontact" not in "".join(
        line for line in SCRIPT.read_text().splitlines() if line.startswith(("import", "from"))
    )


@pytest.fixture(scope="module")
def proved() -> Iterator[Any]:
    """The proof of record 6 of 13, since the 9th."""
    with TemporaryDirectory() as folder:
        database = sqlite_in(Path(folder))
        vault = sealing.open_vault(database, MASTER)
        fill(database, vault, 9)
        file = Path(folder, "since")
        file.write_text(heads.to_note(head_of(database), vault.public_key))
        append(database, vault, [record(number) for number in range(10, 14)])
        yield proof_of(database, vault, 6, file)
        database.close()


def fields(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in it."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from fields(inner, (*path, key))
    else:
        yield path


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return copy


@given(st.data())
@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_other_value_holds_in_any_field(proved: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(fields(proved))))
    value = proved
    for key in path:
        value = value[key]
    if isinstance(value, str) and value:
        at = data.draw(st.integers(0, len(value) - 1))
        letter = data.draw(st.characters(exclude_characters=value[at]) | st.sampled_from("0aAfF/+=\n"))
        change = st.sampled_from(
            [value[:at] + letter + value[at + 1 :], value[:at] + value[at + 1 :], value + letter]
        )
        new: object = data.draw(change | st.sampled_from(["", None, 1, value.upper(), f" {value}"]))
    else:
        new = data.draw(st.integers(-2, 1 << 65) | st.none() | st.text(max_size=3) | st.just(6.0))
    if type(new) is type(value) and new == value:
        return
    assert not holds(put(proved, path, new)), path


def test_every_letter_of_every_field_decides(proved: Any) -> None:
    """Each one changed to another of its kind."""
    assert holds(proved)
    for path in fields(proved):
        value = proved
        for key in path:
            value = value[key]
        for at, letter in enumerate(value if isinstance(value, str) else ""):
            other = {"0": "1", "A": "B"}.get(letter, "0" if letter != "0" else "1")
            assert not holds(put(proved, path, value[:at] + other + value[at + 1 :])), (path, at)


def test_no_path_may_be_shorter_longer_or_another_order(proved: Any) -> None:
    for place in (("path",), ("since", "path")):
        path = proved[place[0]] if len(place) == 1 else proved["since"]["path"]
        for other in (path[1:], path[:-1], [*path, path[0]], path[::-1], []):
            assert not holds(put(proved, place, other))


def test_what_is_not_there_or_does_not_go_with_the_head_has_no_proof(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError):
        proof_of(database, vault, 1)
    fill(database, vault, 5)
    for seq in (0, 6):
        with pytest.raises(NotFoundError):
            proof_of(database, vault, seq)
    file = tmp_path / "since"
    file.write_text("no checkpoint")
    with pytest.raises(ProofError, match="no checkpoint that is signed"):
        proof_of(database, vault, 1, file)
    file.write_text(heads.to_note(replace(head_of(database), seq=9), vault.public_key))
    with pytest.raises(ProofError, match="no checkpoint that is signed"):
        proof_of(database, vault, 1, file)
    for seq, other in ((9, "ends at 5"), (3, "does not begin")):
        strange = replace(head_of(database), seq=seq)
        strange = replace(strange, signature=vault.sign(heads.message(strange)))
        file.write_text(heads.to_note(strange, vault.public_key))
        with pytest.raises(ProofError, match=other):
            proof_of(database, vault, 1, file)
    with database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == 2).values(subject="other", hash=bytes(32)))
    with pytest.raises(ProofError, match="not as it was written"):
        proof_of(database, vault, 2)
    with pytest.raises(ProofError, match="not those that are signed"):
        proof_of(database, vault, 5)
