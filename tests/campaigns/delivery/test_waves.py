"""Nine o'clock, wherever a reader is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from campaigns import waves
from campaigns.delivery import plan
from campaigns.models import Campaign, RecipientDomain
from campaigns.models.campaign import WORLD
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def nine(zone: str = "Europe/Berlin", *, day: tuple[int, int, int] = (2050, 6, 1), hour: int = 9) -> Campaign:
    """A campaign for that time on the clock, wherever it hangs."""
    return Campaign(scheduled_at=datetime(*day, hour, tzinfo=ZoneInfo(zone)), time_zone=zone, in_local_time=True)


def readers(**zones: str) -> Campaign:
    made = scene.campaign()
    made.unschedule()
    for name, zone in zones.items():
        scene.person(name, made.mailing_lists.get(), time_zone=zone)
    return made


def in_nine_hours() -> datetime:
    """When it is that time here, then in Tokyo it is now."""
    return timezone.now() + timedelta(hours=9, seconds=-1)


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Pacific/Kiritimati", datetime(2050, 5, 31, 19, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2050, 6, 1, 3, 15, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2050, 6, 1, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2050, 6, 1, 13, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2050, 6, 1, 20, tzinfo=UTC)),
    ],
)
def test_the_same_day_comes_everywhere_on_both_sides_of_the_date_line(zone: str, moment: datetime) -> None:
    assert waves.moment(nine(), zone) == moment
    assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime(2050, 6, 1, 9)


@pytest.mark.parametrize("zone", ["", "Nonsense", "Europe", "../etc/passwd", "/etc/localtime", "europe/paris "])
def test_who_lives_nowhere_known_lives_in_the_zone_of_the_campaign(zone: str) -> None:
    assert waves.moment(nine(), zone) == datetime(2050, 6, 1, 7, tzinfo=UTC)


def test_a_campaign_without_a_zone_lives_in_that_of_the_site(settings: object) -> None:
    campaign = Campaign(scheduled_at=datetime(2050, 6, 1, 9, tzinfo=UTC), in_local_time=True)

    assert waves.moment(campaign, "") == datetime(2050, 6, 1, 9, tzinfo=UTC)


def test_summer_time_counts_where_the_reader_is() -> None:
    between = nine("UTC", day=(2026, 3, 20))

    assert waves.moment(between, "Europe/Berlin").hour == 8
    assert waves.moment(between, "America/New_York").hour == 13


def test_what_the_change_to_summer_time_skips_comes_later_and_what_it_repeats_comes_first() -> None:
    skipped = nine("UTC", day=(2026, 3, 29), hour=2)
    repeated = nine("UTC", day=(2026, 10, 25), hour=2)

    assert waves.moment(skipped, "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert waves.moment(repeated, "Europe/Berlin") == datetime(2026, 10, 25, 0, tzinfo=UTC)


def test_no_zone_on_earth_is_earlier_or_later_than_the_world_is_wide() -> None:
    for own in ("Pacific/Kiritimati", "Etc/GMT+12", "UTC"):
        campaign = nine(own)
        moments = [waves.moment(campaign, zone) for zone in waves.known_zones()]
        assert campaign.scheduled_at - WORLD <= min(moments) <= max(moments) <= campaign.scheduled_at + WORLD


def test_zones_whose_clocks_agree_are_one_wave() -> None:
    people = {"Europe/Paris": 3, "Asia/Tokyo": 2, "Europe/Berlin": 5, "": 1, "Nonsense": 1, "Africa/Tunis": 4}

    first, second, third = waves.in_order(nine(), people)

    assert first.zones == {"Asia/Tokyo": 2}
    assert second.zones == {"Europe/Berlin": 7, "Europe/Paris": 3}
    assert third.zones == {"Africa/Tunis": 4}
    assert second.people == 10


def test_it_starts_when_the_clocks_of_the_first_readers_show_the_time(catcher: Catcher) -> None:
    made = readers(Ann="UTC", Bob="Asia/Tokyo")
    made.schedule(in_nine_hours(), time_zone="UTC", in_local_time=True)

    scene.send(made)

    assert made.status == "sending"
    assert [mail.recipient for mail in catcher.mails] == ["bob@example.org"]
    assert made.deliveries.get(subscriber__first_name="Ann").due_at == made.scheduled_at
    assert dict(made.deliveries.values_list("subscriber__first_name", "status")) == {"Ann": "queued", "Bob": "sent"}


def test_it_does_not_start_where_nobody_reads_and_looks_again_at_the_next_zone(catcher: Catcher) -> None:
    made = readers(Ann="UTC")
    made.schedule(in_nine_hours(), time_zone="UTC", in_local_time=True)

    plan.start_due()

    made.refresh_from_db()
    assert made.status == "scheduled"
    assert timezone.now() < made.due_at <= timezone.now() + timedelta(hours=1)
    assert made.due_at == waves.next_moment(made, timezone.now())


def test_who_joins_in_an_earlier_zone_makes_it_start_earlier(catcher: Catcher) -> None:
    made = readers(Ann="UTC")
    made.schedule(in_nine_hours(), time_zone="UTC", in_local_time=True)
    plan.start_due()

    scene.person("Bob", made.mailing_lists.get(), time_zone="Asia/Tokyo")
    Campaign.objects.update(due_at=timezone.now())
    scene.send(made)

    assert [mail.recipient for mail in catcher.mails] == ["bob@example.org"]


def test_where_the_time_has_passed_already_it_goes_at_once(catcher: Catcher) -> None:
    made = readers(Ann="UTC", Bob="Asia/Tokyo", Chloe="Pacific/Auckland", Dave="America/New_York")
    at = timezone.now() + timedelta(hours=1)
    made.schedule(at, time_zone="UTC", in_local_time=True)

    scene.send(made)

    assert sorted(mail.recipient for mail in catcher.mails) == ["bob@example.org", "chloe@example.org"]
    due = dict(made.deliveries.filter(status="queued").values_list("subscriber__first_name", "due_at"))
    assert due == {"Ann": at, "Dave": waves.moment(made, "America/New_York")}


def test_each_wave_leaves_by_itself_and_the_campaign_ends_with_the_last(catcher: Catcher) -> None:
    made = readers(Ann="UTC", Bob="Asia/Tokyo", Chloe="", Dave="Nonsense")
    made.schedule(in_nine_hours(), time_zone="UTC", in_local_time=True)
    scene.send(made)
    assert len(catcher.mails) == 1
    assert sorted(made.batches.unfinished().values_list("due_at", flat=True)) == [made.scheduled_at]

    scene.let_time_pass(made)
    scene.send(made)

    assert len(catcher.mails) == 4
    assert made.status == "sent"


def test_of_nobody_the_campaign_is_over_at_its_own_time(catcher: Catcher) -> None:
    made = readers()
    made.schedule(timezone.now(), time_zone="UTC", in_local_time=True)

    scene.send(made)

    assert made.status == "sent"


def test_mails_of_a_domain_with_a_rule_travel_apart_in_every_wave(catcher: Catcher) -> None:
    RecipientDomain.objects.create(name="example.org", limit_per_hour=10)
    made = readers(Ann="UTC", Bob="Asia/Tokyo")
    eve = scene.person("Eve", made.mailing_lists.get(), time_zone="UTC")
    eve.email = "eve@example.net"
    eve.save()
    made.schedule(in_nine_hours(), time_zone="UTC", in_local_time=True)

    scene.start(made)

    shares = made.deliveries.values_list("subscriber__first_name", "batch__domain", "batch__due_at")
    assert sorted(shares) == [
        ("Ann", "example.org", made.scheduled_at),
        ("Bob", "example.org", made.leaves_at),
        ("Eve", "", made.scheduled_at),
    ]
