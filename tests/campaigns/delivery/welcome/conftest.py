"""A list whose welcome mail is switched on."""

from __future__ import annotations

import pytest

from campaigns.delivery import welcome
from campaigns.models import Campaign
from subscribers.models import MailingList
from tests.campaigns.delivery.welcome.moves import draft


@pytest.fixture
def news(db: None) -> MailingList:
    return MailingList.objects.create(name="News", label="news")


@pytest.fixture
def greeting(news: MailingList) -> Campaign:
    """Switched on."""
    made = draft(news)
    assert welcome.switch_on(made)
    return made
