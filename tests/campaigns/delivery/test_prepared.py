"""Statements past Django's cursors keep to its transactions."""

from __future__ import annotations

import pytest
from django.db import transaction

from campaigns.delivery import ledger
from campaigns.models import Delivery
from tests.campaigns.delivery import scene


@pytest.mark.django_db(transaction=True)
def test_what_is_written_past_the_cursors_is_undone_with_its_transaction() -> None:
    scene.start(scene.campaign("Ann"))
    number = Delivery.objects.get().pk

    with transaction.atomic():
        ledger.skip({number: Delivery.Skip.LEFT})
        transaction.set_rollback(True)

    assert Delivery.objects.get().status == "queued"


@pytest.mark.django_db(transaction=True)
def test_what_is_written_past_the_cursors_is_kept_by_its_transaction() -> None:
    scene.start(scene.campaign("Ann"))
    number = Delivery.objects.get().pk

    with transaction.atomic():
        ledger.skip({number: Delivery.Skip.LEFT})

    assert Delivery.objects.get().status == "skipped"
