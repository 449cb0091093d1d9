"""Takes a campaign back that has started and of which no mail has left."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from campaigns.delivery.deadlocks import tries_again
from campaigns.models import Batch, Campaign


@tries_again
def stop(campaign: Campaign) -> bool:
    """A draft again, without a trace; False if it is too late. No mail leaves while this decides, nor afterwards."""
    with transaction.atomic():
        # Whoever plans waits for this row, and whoever wants to send, for those of the batches.
        ahead = Campaign.objects.select_for_update().filter(pk=campaign.pk, leaves_at__gt=Now()).first()
        batches = Batch.objects.filter(campaign=campaign)
        owners = {batch.owner for batch in batches.select_for_update()}
        if ahead is None or owners - {""} or not ahead.take_back():
            return False
        # A million rows are not fetched in order to delete them; nothing can refer to these yet.
        campaign.deliveries.all()._raw_delete(using=campaign.deliveries.db)
        batches.delete()
        campaign.editions.all().delete()
    campaign.refresh_from_db()
    return True
