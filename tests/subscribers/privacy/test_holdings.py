"""Every table of ours is told and erased, or known to tell of nobody."""

import pytest
from django.apps import apps

from subscribers.privacy.holdings import registered

# Their rows tell of nobody, or of what everybody may know; what staff wrote in their texts is searched all the same.
OF_NOBODY = {
    "subscribers.Attribute",
    "subscribers.Brand",
    "subscribers.LeavingReason",
    "subscribers.SignUpForm",
    "subscribers.SignUpForm_mailing_lists",
    "subscribers.Throttle",
    "campaigns.Hits",
    "subscribers.Tag",
    "subscribers.BulkChange",
    "subscribers.MailingList",
    "subscribers.Segment",
    "subscribers.RetentionRule",
    "subscribers.MailDomain",
    "subscribers.ImportProfile",
    "subscribers.Import_mailing_lists",
    "subscribers.Import_tags",
    "campaigns.Batch",
    "campaigns.Campaign",
    "campaigns.Content",
    "campaigns.Edition",
    "campaigns.Heartbeat",
    "campaigns.Inbox",
    "campaigns.Incident",
    "campaigns.Layout",
    "campaigns.Limit",
    "campaigns.Link",
    "campaigns.RecipientDomain",
    "campaigns.Sender",
    "campaigns.Slot",
    "campaigns.Stretch",
    "campaigns.Tally",
    "campaigns.Transport",
}


@pytest.mark.django_db
def test_every_table_is_told_and_erased_or_known_to_tell_of_nobody():
    ours = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in {"subscribers", "campaigns"}
    }
    told = {model._meta.label for holding in registered() for model in holding.models}

    forgotten = ours - told - {label for label in ours if label in OF_NOBODY or label.startswith("campaigns.Campaign_")}

    assert forgotten == set(), "Register a holding in subscribers/privacy/own.py or campaigns/feedback/holdings.py."
