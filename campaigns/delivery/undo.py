"""Takes a campaign back that has started and of which no mail has left."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from campaigns.delivery import stretches
from campaigns.delivery.deadlocks import tries_again
from campaigns.models import Batch, Campaign, Delivery


@tries_again
def stop(campaign: Campaign) -> bool:
    """A draft again, without a trace; False if it is too late. No mail leaves while this decides, nor afterwards."""
    with transaction.atomic():
        # Whoever plans waits for its stretch, and whoever wants to send, for the rows of the batches. Not for the key
        # of this one, which those who just plan need for their batches while we wait for them.
        waiting = Campaign.objects.select_for_update(no_key=True)
        ahead = waiting.filter(pk=campaign.pk, leaves_at__gt=Now()).first()
        stretches.hold(campaign)
        batches = Batch.objects.filter(campaign=campaign)
        owners = {batch.owner for batch in batches.select_for_update()}
        if ahead is None or owners - {""} or not ahead.take_back():
            return False
        # A million rows are not fetched in order to delete them; nothing can refer to these yet.
        for rows in (Delivery.objects.queued().filter(batch__in=batches.values("pk")), campaign.deliveries.ended()):
            rows.order_by()._raw_delete(using=rows.db)
        campaign.stretches.all().delete()
        batches.delete()
        campaign.editions.all().delete()
    campaign.refresh_from_db()
    return True
