"""Lets the export of people be asked for by a campaign and an outcome."""

from __future__ import annotations

from campaigns import recipients
from subscribers.admin import exports

exports.accept(recipients.KIND, recipients.question, "campaigns.view_delivery")
