"""Makes a site know what it should of the addresses that are typed into its forms."""

from __future__ import annotations

from django.core.management import call_command
from django.db import transaction

from bench.crowd import LIST
from bench.strangers import FORM, address
from subscribers.models import MailingList, SignUpForm, Subscriber, Suppression


def furnish(each: int) -> dict[str, float]:
    """In a database that has the people; and the styles of the pages, which they name by their contents."""
    call_command("collectstatic", interactive=False, verbosity=0)
    SignUpForm.objects.create(slug=FORM, name="Bench").mailing_lists.set(MailingList.objects.filter(label=LIST))
    # What erasure leaves behind; doing it for each of them takes longer than all the rest.
    Subscriber.objects.filter(email__in=[address("erased", number, each) for number in range(each)]).delete()
    with transaction.atomic():
        _stop(each)
    return {"people": each}


def _stop(each: int) -> None:
    for reason in (Suppression.Reason.COMPLAINED, Suppression.Reason.ERASED):
        for number in range(each):
            Suppression.objects.add(address(reason, number, each), reason)
