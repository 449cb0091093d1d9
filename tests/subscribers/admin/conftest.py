import pytest
from django.contrib.auth.models import Permission, User

from subscribers.models import MailingList, Subscriber, Subscription


@pytest.fixture
def news(db):
    return MailingList.objects.create(name="Monthly news", label="news")


@pytest.fixture
def tips(db):
    return MailingList.objects.create(name="Tips", label="tips")


@pytest.fixture
def ann(news):
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Ann", last_name="Miller", language="de")
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="active")
    return ann


@pytest.fixture
def staff(client, db):
    """A client of somebody on the staff who may do exactly what is named, such as `view_subscriber`."""

    def may(*names):
        user = User.objects.create_user("bob", password="a long password", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        return client

    return may
