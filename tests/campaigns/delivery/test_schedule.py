"""The fallback for when nothing ticks."""

import pytest
from django_q.models import Schedule

from campaigns import tasks


@pytest.mark.django_db
def test_a_schedule_ticks_every_minute_from_the_first_migration_on() -> None:
    schedule = Schedule.objects.get(name="tick")

    assert schedule.func == f"{tasks.__name__}.{tasks.tick.__name__}"
    assert (schedule.schedule_type, schedule.minutes, schedule.repeats) == (Schedule.MINUTES, 1, -1)
