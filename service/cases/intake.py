"""The intake: what the public form sealed is opened here, becomes a case, and is then deleted.

What one says becomes a case once: its keyed hash stands with the case, in the same transaction, so that
neither a file which could not be deleted nor a request that was sent twice is taken in again. What cannot be
opened is put aside, counted and told.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec.structs import replace

from service.cases.cases import Cases
from service.public.asked import PublicRequest, decode, encode
from service.public.sealing import INFO, SUITE
from service.storage.sealing import SealError

_log = structlog.get_logger(__name__)

MOST_VALUES = 500
"""Names, numbers, addresses and accounts of one request: the form takes a tenth of it."""
ENDING = ".asked"
ASIDE = ".unreadable"
AT_ONCE = 200
"""Files taken in one round."""
LARGEST = 32 * 1024 * 1024
"""Bytes: what is larger was not written by the form."""


def open_request(blob: bytes, key: X25519PrivateKey) -> PublicRequest:
    """A request as the form sealed it. Raises SealError, which never says what is in it."""
    try:
        asked = decode(SUITE.decrypt(blob, key, INFO))
    except (InvalidTag, ValueError, RecursionError, msgspec.DecodeError):
        raise SealError("not a request that was sealed for this key") from None
    person = asked.person
    lists = (person.aliases, person.addresses, person.numbers, person.emails, person.accounts)
    if sum(map(len, lists)) > MOST_VALUES:
        raise SealError("more in one request than the form takes")
    return asked


class FormIntake:
    """Takes in what waits in a folder."""

    def __init__(self, folder: Path | None, key: X25519PrivateKey, cases: Cases) -> None:
        """`key` is the private half of what the form seals with; without a folder nothing is taken in."""
        self._folder, self._key, self._cases = folder, key, cases
        self.unreadable = 0
        """Files that could not be opened since the start."""
        self.trouble: str | None = None
        """What the last round failed with; None where it did not."""

    def step(self) -> int:
        """One round, which gives how many became cases; raises nothing for one bad file."""
        if self._folder is None:
            return 0
        try:
            names = sorted(one for one in self._folder.iterdir() if one.suffix == ENDING)
        except OSError as error:
            self.trouble = type(error).__name__
            _log.error("intake_not_readable", error=self.trouble)
            return 0
        taken, self.trouble = 0, None
        for file in names[:AT_ONCE]:
            try:
                taken += self._take(file)
            except OSError as error:  # of this file alone: the others go on
                self.trouble = type(error).__name__
                _log.error("request_not_taken", error=self.trouble)
        return taken

    def _take(self, file: Path) -> bool:
        try:
            if file.is_symlink() or not file.is_file() or file.stat().st_size > LARGEST:
                raise SealError("not a file of the form")
            blob = file.read_bytes()
            asked = open_request(blob, self._key)
        except SealError as error:
            self.unreadable += 1
            _log.error("request_not_readable", error=str(error))
            file.rename(file.with_name(f"{file.stem}-{secrets.token_hex(4)}{ASIDE}"))
            return False
        # Sent once more after a pause it is sealed anew and says the same: then it is no second request.
        said = hashlib.sha256(encode(replace(asked, at=""))).digest()
        made = self._cases.take_in("intake", asked, "form", source=said)
        file.unlink(missing_ok=True)
        return made is not None
