"""Sending by GOV.UK Notify, with its own client: the extra `nocontact[notify]`.

Notify has texts as templates. Ours are one for e-mails with `((subject))` and `((text))`, and one for
text messages with `((text))`: what is said is ours.
"""

from __future__ import annotations

import logging
from typing import Any

from adapters.notifying.sending import Outgoing, SendingError


class GovukNotify:
    """Hands messages over to Notify. `client` is made with `key` where none is given."""

    name = "GOV.UK Notify"

    def __init__(self, key: str, email_template: str, text_template: str, client: Any = None) -> None:
        """Raises ImportError where the client is not installed."""
        if client is None:
            from notifications_python_client.notifications import NotificationsAPIClient

            client = NotificationsAPIClient(key)
            logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL + 1)  # repeats answers
        self._client, self._email, self._text = client, email_template, text_template

    def send(self, message: Outgoing) -> None:
        """Hand one over. Raises SendingError where Notify refuses it, by its status alone: what Notify says
        repeats the address."""
        said = {"text": message.text}
        try:
            if message.is_email:
                self._client.send_email_notification(
                    message.to,
                    self._email,
                    personalisation={"subject": message.subject, **said},
                    reference=message.reference,
                )
            else:
                self._client.send_sms_notification(
                    message.to, self._text, personalisation=said, reference=message.reference
                )
        except Exception as error:
            status = getattr(error, "status_code", None)
            if isinstance(status, int) and 400 <= status < 500:
                raise SendingError(f"GOV.UK Notify answered {status}") from None
            raise RuntimeError(type(error).__name__) from None
