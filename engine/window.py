"""The last messages of each prisoner to each recipient, in bounded memory: a number may be split over them.

One window serves a file of messages, the service, both policies of a comparison. However a recipient is
written, it is one; what goes to a confidential one is not looked at, and not remembered.
"""

from collections import OrderedDict
from collections.abc import Hashable

from engine.model import Attempt, Decision
from engine.recipient import recipient

MESSAGES_REMEMBERED = 5
"""Last messages to one recipient that a number may be split over."""
RECIPIENTS_REMEMBERED = 10_000
"""Prisoner and recipient pairs whose last messages are kept; the longest silent is forgotten first."""
LONGEST_REMEMBERED = 1_000
"""Characters of a message that are kept, its last ones."""


class MessageWindow:
    """Bodies of the last messages, each by a key of the caller's that tells it from every other."""

    def __init__(self) -> None:
        """Start with none."""
        self._bodies: OrderedDict[tuple[str | None, str], dict[Hashable, str]] = OrderedDict()

    def __len__(self) -> int:
        """How many pairs of prisoner and recipient are remembered."""
        return len(self._bodies)

    def before(self, attempt: Attempt, key: Hashable) -> tuple[str, ...]:
        """Bodies before this message, oldest first, whether or not it is remembered already."""
        if attempt.channel != "message" or not attempt.body:
            return ()
        earlier = []
        for known, body in self._bodies.get(_pair(attempt), {}).items():
            if known == key:
                break
            earlier.append(body)
        return tuple(earlier)

    def remember(self, attempt: Attempt, key: Hashable, decision: Decision) -> None:
        """Keep a message that was decided on, unless it was confidential; the same again changes nothing."""
        if attempt.channel != "message" or not attempt.body or decision.confidential:
            return
        pair = _pair(attempt)
        bodies = self._bodies.setdefault(pair, {})
        self._bodies.move_to_end(pair)
        if key in bodies:
            return
        bodies[key] = attempt.body[-LONGEST_REMEMBERED:]
        if len(bodies) > MESSAGES_REMEMBERED:
            del bodies[next(iter(bodies))]
        if len(self._bodies) > RECIPIENTS_REMEMBERED:
            self._bodies.popitem(last=False)


def _pair(attempt: Attempt) -> tuple[str | None, str]:
    """Who writes to whom."""
    return attempt.prisoner, recipient(attempt.channel, attempt.to, attempt.establishment)
