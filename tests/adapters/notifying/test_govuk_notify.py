"""What Notify is handed, and what its refusals say: nothing of whom they are about."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.notifying.govuk_notify import GovukNotify
from adapters.notifying.sending import Outgoing, SendingError


class Client:
    """Notify's client as its package has it; takes what comes, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.taken: list[tuple[Any, ...]] = []
        self._error = error

    def send_email_notification(self, *of: Any, **more: Any) -> None:
        self._take("email", of, more)

    def send_sms_notification(self, *of: Any, **more: Any) -> None:
        self._take("sms", of, more)

    def _take(self, kind: str, of: tuple[Any, ...], more: dict[str, Any]) -> None:
        if self._error is not None:
            raise self._error
        self.taken.append((kind, *of, more))


class AnswerError(Exception):
    """An answer of Notify's that is none: it repeats what was sent."""

    def __init__(self, status: int) -> None:
        super().__init__("m@example.org is not valid")
        self.status_code = status


EMAIL = Outgoing("C-22222222-1", "m@example.org", "About", "Text")


def test_an_email_and_a_text_go_by_their_templates() -> None:
    client = Client()
    notify = GovukNotify("key", "T-email", "T-text", client)
    notify.send(EMAIL)
    notify.send(EMAIL._replace(to="07700 900123"))
    reference = {"reference": "C-22222222-1"}
    assert client.taken == [
        ("email", "m@example.org", "T-email",
         {"personalisation": {"subject": "About", "text": "Text"}, **reference}),
        ("sms", "07700 900123", "T-text", {"personalisation": {"text": "Text"}, **reference}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (AnswerError(400), SendingError),
        (AnswerError(429), SendingError),
        (AnswerError(503), RuntimeError),
        (OSError("m@example.org"), RuntimeError),
    ],
)
def test_only_a_refusal_is_sure_and_no_error_repeats_the_address(
    error: Exception, raised: type[Exception]
) -> None:
    with pytest.raises(raised) as refused:
        GovukNotify("key", "T-email", "T-text", Client(error)).send(EMAIL)
    assert "example" not in str(refused.value)
    assert "example" not in repr(EMAIL)
    assert refused.value.__suppress_context__
