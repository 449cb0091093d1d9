"""Whatever grows to millions is shown page after page by key: nothing is counted to the end and nothing skipped."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Batch, Delivery, Message
from subscribers.admin import keyset
from subscribers.models import BulkChange, ConsentRecord, Export, Import, Subscriber, Suppression

pytestmark = pytest.mark.django_db

MAKE = {
    Subscriber: lambda number: Subscriber(email=f"reader{number}@example.org"),
    ConsentRecord: lambda number: ConsentRecord(action="granted", source="form"),
    Suppression: lambda number: Suppression(domain=f"{number}.example.org", reason="manual"),
    Import: lambda number: Import(name=f"{number}.csv"),
    Export: lambda number: Export(name=f"{number}.csv"),
    BulkChange: lambda number: BulkChange(action="tag"),
    Message: lambda number: Message(batch=Batch.objects.create(), subject=f"Notice {number}"),
    Delivery: lambda number: Delivery(email=f"reader{number}@example.org", status="failed"),
}


@pytest.mark.parametrize("model", [*MAKE])
def test_a_page_in_the_middle_is_found_by_key(admin_client: Client, monkeypatch, model) -> None:
    monkeypatch.setattr(keyset.KeysetAdmin, "list_per_page", 2)
    for number in range(6):
        MAKE[model](number).save()
    numbers = [*model.objects.order_by("-pk").values_list("pk", flat=True)]
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    first = admin_client.get(address).context["cl"]

    with CaptureQueriesContext(
        connection,
    ) as asked:
        second = admin_client.get(address + first.next_page).context["cl"]

    assert [row.pk for row in second.result_list] == numbers[2:4]
    assert [row.pk for row in admin_client.get(address + second.previous_page).context["cl"].result_list] == numbers[:2]
    for statement in asked.captured_queries:
        assert "OFFSET" not in statement["sql"]
        if f'FROM "{model._meta.db_table}"' in statement["sql"] and "COUNT(" in statement["sql"]:
            assert re.search(r"LIMIT \d+\) subquery$", statement["sql"]) or "GROUP BY" in statement["sql"], statement
