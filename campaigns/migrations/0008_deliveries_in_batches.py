"""What waits belongs to a batch; what was on the wire when the old engine stopped is uncertain."""

from django.db import migrations
from django.db.models import Min


def into_batches(apps, schema_editor):
    delivery, batch = apps.get_model("campaigns", "Delivery"), apps.get_model("campaigns", "Batch")
    delivery.objects.filter(status="sending").update(status="uncertain")
    delivery.objects.filter(status="claimed").update(status="queued")
    waiting = delivery.objects.filter(status="queued", batch=None).order_by()
    for row in waiting.values("campaign").annotate(first=Min("due_at")):
        made = batch.objects.create(campaign_id=row["campaign"], due_at=row["first"])
        waiting.filter(campaign=row["campaign"]).update(batch=made)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0007_batches")]
    operations = [migrations.RunPython(into_batches, migrations.RunPython.noop)]
