"""Check one record of a nocontact ledger: python check_proof.py PROOF [--key ledger.pem]

PROOF is what `nocontact proof` wrote, or the bundle of a case: bundle.json, or the archive with it.
Nothing of nocontact is needed, only Python 3.11 and `cryptography`.
What holds is printed; the exit status is 0 where all of it does, 1 where something does not.
"""

import argparse
import base64
import hashlib
import json
import re
import zipfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

COLUMNS = "at kind actor subject prisoner establishment channel outcome codes blocklist policy detail".split()


def sha256(data):
    """The one hash that is used."""
    return hashlib.sha256(data).digest()


def unhex(text, length=32):
    """Bytes that are written in lower-case hexadecimal."""
    data = bytes.fromhex(text)
    if data.hex() != text or len(data) != length:
        raise ValueError("not in hexadecimal")
    return data


def packed(value):
    """MessagePack, in its shortest form, of what a record is made of."""
    if value is None:
        return b"\xc0"
    if isinstance(value, list):
        head = bytes([0x90 + len(value)]) if len(value) < 16 else b"\xdc" + len(value).to_bytes(2, "big")
        return head + b"".join(map(packed, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return sized(value, {1: 0xCC, 2: 0xCD, 4: 0xCE, 8: 0xCF}, 0x00, 128)
    if isinstance(value, str):
        text = value.encode()
        return sized(len(text), {1: 0xD9, 2: 0xDA, 4: 0xDB}, 0xA0, 32) + text
    if isinstance(value, bytes):
        return sized(len(value), {1: 0xC4, 2: 0xC5, 4: 0xC6}, 0, 0) + value
    raise ValueError("a value that no record has")


def sized(number, kinds, short, below):
    """A number or a length: in the first byte below a bound, else after the byte of its width."""
    if 0 <= number < below:
        return bytes([short + number])
    width = next(width for width in kinds if 0 <= number < 1 << 8 * width)
    return bytes([kinds[width]]) + number.to_bytes(width, "big")


def node(left, right):
    """What stands over two hashes of the tree."""
    return sha256(b"\1" + left + right)


def included(index, size, leaf, path):
    """The root that a leaf's path comes to (RFC 9162, 2.1.3.2)."""
    last = size - 1
    if not 0 <= index <= last:
        raise ValueError("no such leaf")
    for each in path:
        if not last:
            raise ValueError("the path is too long")
        if index & 1 or index == last:
            leaf = node(each, leaf)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            leaf = node(leaf, each)
        index, last = index >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return leaf


def consistent(old, new, old_root, path):
    """The roots, older and newer, that a consistency proof comes to (RFC 9162, 2.1.4.2)."""
    if old == new and not path:
        return old_root, old_root
    if not 0 < old < new or not path:
        raise ValueError("no such proof")
    path = [old_root, *path] if old & (old - 1) == 0 else path
    index, last = old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    older = newer = path[0]
    for each in path[1:]:
        if not last:
            raise ValueError("the path is too long")
        if index & 1 or index == last:
            older, newer = node(each, older), node(each, newer)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            newer = node(newer, each)
        index, last = index >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return older, newer


def checkpoint(note, key):
    """Size, root and text of a signed note (c2sp.org/tlog-checkpoint), whose signature holds."""
    text, gap, signatures = note.rpartition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    found = re.fullmatch(f"— {re.escape(origin)} (\\S+)\n", signatures)
    signed = base64.b64decode(found[1], validate=True)
    identifier = sha256(origin.encode() + b"\n\1" + key.public_bytes_raw())[:4]
    if not gap or base64.b64encode(signed).decode() != found[1] or signed[:4] != identifier:
        raise ValueError("not signed with this key")
    key.verify(signed[4:], text.encode())
    return int(size), base64.b64decode(root), text


def once(pairs):
    """An object none of whose names is written twice: of two values a reader takes the one he likes."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is written twice")
    return found


def only(names, found):
    """Refuse what no signature covers."""
    if odd := sorted(found.keys() - names):
        raise ValueError(f"not a part of a proof: {odd[0]}")


def check(proof, key):
    """Yield what holds, in words. Raises ValueError and others where something does not."""
    record = proof["record"]
    only({"record", "previous", "index", "path", "checkpoint", "public_key", "since"}, proof)
    only({"seq", "sealed_sha256", *COLUMNS}, record)
    only({"checkpoint", "path"}, proof.get("since") or {})
    row = [record[name] for name in COLUMNS]
    sealed = unhex(record["sealed_sha256"])
    chained = sha256(packed([unhex(proof["previous"]), record["seq"], *row, sealed]))
    yield f"record {record['seq']} with the hash before it has the hash {chained.hex()}"
    size, root, text = checkpoint(proof["checkpoint"], key)
    yield f"the checkpoint of {size} records is signed: {text.split()[0]}"
    if proof["index"] != record["seq"] - 1:
        raise ValueError("the place in the tree is not the record's")
    if included(proof["index"], size, sha256(b"\0" + chained), [unhex(one) for one in proof["path"]]) != root:
        raise ValueError("the record is not in the tree")
    yield f"the record is number {record['seq']} of the {size} under that signature"
    if proof.get("since") is not None:
        since = proof["since"]
        old, old_root, _ = checkpoint(since["checkpoint"], key)
        path = [unhex(one) for one in since["path"]]
        if consistent(old, size, old_root, path) != (old_root, root):
            raise ValueError("the ledger does not begin with the older one")
        yield f"the ledger begins with that of the older checkpoint, of {old} records"


def check_bundle(file, key):
    """Yield what holds of a bundle: its records, and that the last of them is of just these contents."""
    only({"bundle", "proofs"}, file)
    bundle, proofs = file["bundle"], file["proofs"]
    for proof in proofs:
        yield from check(proof, key)
    proved = {proof["record"]["seq"] for proof in proofs}
    for name in ("versions", "restriction", "decisions"):
        for one in bundle.get(name, ()):
            if "record" in one and one["record"] not in proved:
                raise ValueError(f"no proof of record {one['record']}")
    text = json.dumps(bundle, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    own = proofs[-1]["record"]
    said = json.loads(own["detail"], object_pairs_hook=once)
    if (own["subject"], own["outcome"]) != (f"case/{bundle['case']}", "bundled"):
        raise ValueError("the last record is not that of a bundle of this case")
    if (said["sha256"], said["for"]) != (sha256(text.encode()).hex(), bundle["for"]):
        raise ValueError("the contents are not those that were handed out")
    yield f"these contents were handed out on {own['at']} by {own['actor']}"


def read(path):
    """What is in a file, or in an archive's bundle.json."""
    data = path.read_bytes()
    if data[:2] == b"PK":
        with zipfile.ZipFile(path) as archive:
            data = archive.read("bundle.json")
    return json.loads(data, object_pairs_hook=once)


def main():
    """Check the file that is named."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("proof", type=Path)
    asked.add_argument("--key", type=Path, help="the ledger's public key (PEM), had from somewhere else")
    given = asked.parse_args()
    try:
        file = read(given.proof)
        is_bundle = "bundle" in file
        own_key = file["proofs"][-1]["public_key"] if is_bundle else file["public_key"]
        key = Ed25519PublicKey.from_public_bytes(unhex(own_key))
        if given.key and load_pem_public_key(given.key.read_bytes()) != key:
            raise ValueError("made with another key than the one given")
        for step in (check_bundle if is_bundle else check)(file, key):
            print(f"holds: {step}")
    except InvalidSignature:
        print("does not hold: the signature is not this key's")
        return 1
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        print(f"does not hold: {error}")
        return 1
    if not given.key:
        print("The key is the proof's own: compare it with the ledger's, kept elsewhere (--key).")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
