"""Pictures of held letters on their way to the centre: each behind its record, again until it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog

from service.feed.api_messages import PICTURES_PATH, seal_picture
from service.node.centre_line import CentreLine
from service.node.letters import HeldPicture, NodeItems
from service.storage.database import moment_text
from service.storage.sealing import SealError

EVERY = 2.0
"""Seconds between two looks for pictures."""
AT_ONCE = 20
BYTES: Final = "application/octet-stream"
LATER, MUCH_LATER = 30.0, 3600.0
"""Seconds before one is offered again that the centre did not know the record of, or would not take: an older
version of it takes none."""
NOT_TAKEN = {400, 413, 422}

_log = structlog.get_logger(__name__)


class PictureForwarder:
    """Sends some at a time; `step` for a `Repeating`. For one thread."""

    def __init__(
        self,
        line: CentreLine,
        node_key: bytes,
        items: NodeItems,
        until: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`until` says up to which record the centre has them: none goes before its own."""
        self._line, self._node_key = line, node_key
        self._items, self._until = items, until
        self._monotonic = monotonic
        self._not_before: dict[tuple[str, int], float] = {}

    def step(self) -> int:
        """Send the next ones; gives how many. Raises httpx.HTTPError where the centre gave no answer."""
        now = self._monotonic()
        self._not_before = {page: at for page, at in self._not_before.items() if at > now}
        done = 0
        for one in self._items.next_pictures(self._until(), AT_ONCE + len(self._not_before)):
            if (one.item, one.page) in self._not_before:
                continue
            status = self._send(one)
            if status == 404:
                self._not_before[one.item, one.page] = now + LATER
                break  # of a centre of before, none is taken
            if status in NOT_TAKEN:
                _log.error("picture_refused", status=status)
                self._not_before[one.item, one.page] = now + MUCH_LATER
                continue
            self._items.sent(one)
            done += 1
        return done

    def _send(self, one: HeldPicture) -> int:
        """What came of it: 204, 404 or one of `NOT_TAKEN`."""
        try:
            picture = self._items.picture(one)
        except SealError:
            return 422
        except LookupError:  # its time was over
            return 204
        sealed = seal_picture(self._node_key, one.subject, one.at, one.page, picture)
        at = moment_text(one.at)
        answer = self._line.post(PICTURES_PATH, sealed, BYTES, subject=one.subject, at=at, page=one.page)
        if answer.status_code == 404 or answer.status_code in NOT_TAKEN:
            return answer.status_code
        if answer.status_code != 204:
            import httpx

            raise httpx.HTTPStatusError("not taken", request=answer.request, response=answer)
        return answer.status_code
