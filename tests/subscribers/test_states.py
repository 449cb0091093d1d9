import pytest

from subscribers.models import MailingList, Subscriber, Subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription():
    ann = Subscriber.objects.create(email="ann@example.org")
    news = MailingList.objects.create(name="News", label="news")
    return Subscription.objects.create(subscriber=ann, mailing_list=news)


def test_a_move_is_written_and_shown(subscription):
    assert subscription.activate()

    assert subscription.status == "active"
    assert Subscription.objects.get().status == "active"


def test_of_two_who_move_the_same_row_one_wins(subscription):
    subscription.activate()
    first, second = Subscription.objects.get(), Subscription.objects.get()

    assert first.end()
    assert not second.end()

    assert second.status == "active"
    assert Subscription.objects.get().ended_at == first.ended_at


def test_a_move_that_is_not_allowed_changes_nothing(subscription):
    assert not subscription.move_to("pending")

    assert Subscription.objects.get().status == "pending"


def test_a_move_may_insist_on_where_it_starts(subscription):
    subscription.end()

    assert not subscription.move_to("active", only_from="pending")
    assert subscription.move_to("active", only_from="ended")
