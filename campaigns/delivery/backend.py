"""EMAIL_BACKEND: any mail of the application becomes rows, and leaves by the same engine as a campaign."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error as DatabaseError

from campaigns.delivery import outbox, wakeup

logger = logging.getLogger(__name__)


class EmailBackend(BaseEmailBackend):
    """Within the caller's transaction: what is rolled back with it was never sent."""

    # No way out: a transport that led here would send its mails in a circle.
    is_queue = True

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        """How many will be sent. A mail that cannot be made stops no other; its error is raised at the end."""
        kept, errors = 0, []
        for mail in email_messages:
            if not mail.recipients():
                continue
            try:
                kept += self._keep(mail)
            except Exception as error:
                errors.append(error)
        if kept:
            wakeup.ring()
        if errors and not self.fail_silently:
            raise errors[0]
        return kept

    def _keep(self, mail: EmailMessage) -> bool:
        try:
            return bool(outbox.keep(mail).batch.due_at)
        except DatabaseError:
            raise
        except Exception as error:
            logger.warning("A mail cannot be made: %s", error)
            outbox.keep_failed(mail, f"{type(error).__name__}: {error}")
            raise
