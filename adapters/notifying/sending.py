"""What sends a message to somebody outside, whoever carries it."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Outgoing(NamedTuple):
    """One message. To whom it goes is protected: nothing prints it."""

    reference: str
    """Ours, by which it is found again at whoever carries it; says nothing."""
    to: str
    """An e-mail address, or a telephone number."""
    subject: str
    """Of an e-mail."""
    text: str

    @property
    def is_email(self) -> bool:
        """Whether it goes by e-mail; otherwise it is a text message."""
        return "@" in self.to

    def __repr__(self) -> str:
        return f"Outgoing({self.reference!r})"


class SendingError(Exception):
    """It was not taken. Says why in a few words, and nothing of the message."""


class Sender(Protocol):
    """Hands messages over."""

    name: str
    """Of whoever carries them, as staff know it."""

    def send(self, message: Outgoing) -> None:
        """Hand one over. Raises SendingError where it was not taken for certain; whatever else it raises, it
        may have been."""
