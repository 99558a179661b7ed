"""What the form sealed becomes a case once, whatever else lies in the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from service.cases.cases import Cases
from service.cases.intake import FormIntake, open_request
from service.public.asked import EvidenceFile, encode
from service.public.sealing import seal
from service.storage.sealing import SealError, Vault
from tests.service.cases.asking import OFFICER, asked


@pytest.fixture
def intake(tmp_path: Path, vault: Vault, cases: Cases) -> FormIntake:
    """A folder with nothing in it."""
    (tmp_path / "intake").mkdir()
    return FormIntake(tmp_path / "intake", vault.intake_key, cases)


def drop(folder: Path, vault: Vault, name: str = "a", reference: str = "UPC-2222-2222") -> bytes:
    """Put a request into the folder as the form does."""
    request = asked(reference, evidence=(EvidenceFile(name="call.m4a", content=b"\0\1"),))
    blob = seal(encode(request), vault.intake_key.public_key().public_bytes_raw())
    (folder / f"{name}.asked").write_bytes(blob)
    return blob


def test_a_request_becomes_a_case_and_its_file_is_gone(
    tmp_path: Path, intake: FormIntake, vault: Vault, cases: Cases
) -> None:
    folder = tmp_path / "intake"
    blob = drop(folder, vault)
    assert b"Thistlewood" not in blob
    intake.step()
    (case,) = cases.page(OFFICER)
    assert case.document.asked.person.name == "Maren Thistlewood"
    assert case.document.asked.evidence[0].content == b"\0\1"
    assert list(folder.iterdir()) == []


def test_what_comes_again_is_no_second_case(
    tmp_path: Path, intake: FormIntake, vault: Vault, cases: Cases
) -> None:
    folder = tmp_path / "intake"
    blob = drop(folder, vault)
    intake.step()
    (folder / "b.asked").write_bytes(blob)  # it could not be deleted
    drop(folder, vault, "c")  # it was sent again, and sealed anew
    intake.step()
    assert len(cases.page(OFFICER)) == 1
    assert list(folder.iterdir()) == []


def test_two_requests_that_bear_one_reference_are_two(
    tmp_path: Path, intake: FormIntake, vault: Vault, cases: Cases
) -> None:
    folder = tmp_path / "intake"
    drop(folder, vault)
    other = encode(asked(happened="something else"))
    (folder / "b.asked").write_bytes(seal(other, vault.intake_key.public_key().public_bytes_raw()))
    intake.step()
    assert len(cases.page(OFFICER)) == 2


def test_what_cannot_be_opened_is_put_aside_and_the_others_go_on(
    tmp_path: Path, intake: FormIntake, vault: Vault, cases: Cases
) -> None:
    folder = tmp_path / "intake"
    (folder / "0.asked").write_bytes(b"nothing of ours")
    foreign = X25519PrivateKey.generate().public_key().public_bytes_raw()
    (folder / "1.asked").write_bytes(seal(encode(asked()), foreign))
    public = vault.intake_key.public_key().public_bytes_raw()
    (folder / "2.asked").write_bytes(seal(b"\x80", public))
    (folder / "3.asked").symlink_to("/etc/hostname")
    (folder / "note.txt").write_text("left alone")
    drop(folder, vault, "4")
    intake.step()
    assert len(cases.page(OFFICER)) == 1
    assert intake.unreadable == 4


def test_whoever_has_the_public_key_alone_opens_nothing(vault: Vault) -> None:
    public = vault.intake_key.public_key().public_bytes_raw()
    blob = seal(encode(asked()), public)
    assert open_request(blob, vault.intake_key) == asked()
    with pytest.raises(SealError):
        open_request(blob, X25519PrivateKey.from_private_bytes(public))
    for place in range(0, len(blob), 7):
        with pytest.raises(SealError):
            open_request(blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :], vault.intake_key)
