"""What a node asks of the centre by HTTP, in its own name: one client for all that goes there."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from service.feed.api_messages import Enrolment

if TYPE_CHECKING:
    import httpx

PATIENCE = 30.0
"""Seconds for an answer."""


class CentreLine:
    """Asks. Safe to share between threads. Redirects are not followed: the token is the centre's alone."""

    def __init__(self, enrolment: Enrolment) -> None:
        """Nothing is opened yet."""
        self._enrolment = enrolment

    def get(self, path: str, **params: str | int) -> httpx.Response:
        """Raises httpx.HTTPError without an answer."""
        return self._client.get(path, params=params)

    def post(self, path: str, content: bytes, kind: str, **params: str | int) -> httpx.Response:
        """Hand in something of this media type. Raises httpx.HTTPError without an answer."""
        return self._client.post(path, params=params, content=content, headers={"content-type": kind})

    def close(self) -> None:
        """Give the connections back."""
        if "_client" in self.__dict__:
            self._client.close()

    @cached_property
    def _client(self) -> httpx.Client:
        """Loaded when something is first sent: a start does not wait for it."""
        import httpx

        headers = {"authorization": f"Bearer {self._enrolment.token}"}
        return httpx.Client(base_url=self._enrolment.centre, headers=headers, timeout=PATIENCE)
