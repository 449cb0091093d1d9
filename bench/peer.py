"""What a peer needs to queue and deliver the newsletter; runs where only Django and the peers are installed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import django
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.management import call_command

django.setup()

from mailer.engine import send_all  # noqa: E402
from mailer.models import Message, MessageLog  # noqa: E402
from post_office import mail  # noqa: E402
from post_office.models import STATUS, Email  # noqa: E402

from bench.plain import PlainNewsletter  # noqa: E402
from bench.stopwatch import timed  # noqa: E402

CHUNK = 500
Chunks = Iterable[list[EmailMultiAlternatives]]


def django_mailer(messages: Chunks) -> None:
    way = get_connection("mailer.backend.DbBackend")
    for made in messages:
        way.send_messages(made)
    send_all()


def post_office(messages: Chunks) -> None:
    for made in messages:
        mail.send_many([as_words(message) for message in made])
    mail.send_queued_mail_until_done(lockfile=str(Path(os.environ["BENCH_FOLDER"]) / "post_office"), processes=2)


def as_words(message: EmailMultiAlternatives) -> dict[str, Any]:
    return {
        "recipients": message.to,
        "sender": message.from_email,
        "subject": message.subject,
        "message": message.body,
        "html_message": message.alternatives[0][0],
        "headers": message.extra_headers,
    }


def left() -> int:
    """Mails that were queued and not delivered."""
    return int(Message.objects.count() + Email.objects.exclude(status=STATUS.sent).count())


def main(name: str) -> dict[str, float]:
    if name == "nothing":
        call_command("migrate", verbosity=0)
        return {}
    letter = json.loads((Path(os.environ["BENCH_FOLDER"]) / "letter.json").read_text(encoding="utf-8"))
    newsletter, readers = PlainNewsletter(**letter["newsletter"]), letter["readers"]
    chunks = (
        [newsletter.message(person) for person in readers[start : start + CHUNK]]
        for start in range(0, len(readers), CHUNK)
    )
    send = {"django_mailer": django_mailer, "post_office": post_office}[name]
    figures = timed(lambda: send(chunks))
    sent = MessageLog.objects.count() + Email.objects.filter(status=STATUS.sent).count()
    if left() or sent % len(readers):
        raise RuntimeError(f"{name} did not deliver everything.")
    return {"messages": len(readers), **figures}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
