import pytest
from django.contrib.auth.models import User
from django.test import Client

from subscribers.models import MailingList


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: object) -> object:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined, operator]
    return settings.MEDIA_ROOT  # type: ignore[attr-defined]


@pytest.fixture
def news(db: None) -> MailingList:
    return MailingList.objects.create(name="News", label="news")


@pytest.fixture
def events(db: None) -> MailingList:
    return MailingList.objects.create(name="Events", label="events")


@pytest.fixture
def client(admin_user: User) -> Client:
    client = Client()
    client.force_login(admin_user)
    return client
