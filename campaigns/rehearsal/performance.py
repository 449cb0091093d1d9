"""The demo's acts, each through the product's own doors, while a cluster works in the background."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import get_language_info

from campaigns import audience, preflight, reports, tasks
from campaigns.composition.duplicate import duplicate
from campaigns.models import Campaign, Delivery
from campaigns.rehearsal import letter, sample
from campaigns.rehearsal.sample import Story
from subscribers import addresses
from subscribers import tasks as subscriber_tasks
from subscribers.consent import flows
from subscribers.models import ConsentRecord, Import, Suppression
from subscribers.terminal import progress, say, table
from subscribers.transfer import intake

Status = Delivery.Status

LOOK_SECONDS = 0.25
# The longest time that nothing may happen: a cluster that is dead must not keep anybody waiting.
PATIENCE = timedelta(seconds=90)
SHOWN_ISSUES = 4
LEAVERS = 3


class WentWrong(Exception):
    """The demo cannot go on; `str()` says why in words."""


def perform(workbook: Path, limit_per_hour: int) -> reports.Ledger:
    import_people(workbook)
    suppress(Story.BOUNCED, Suppression.Reason.BOUNCED)
    campaign = compose(limit_per_hour)
    send(campaign)
    summarise(campaign)
    duplicate(campaign, name=letter.NEXT, created_by_id=None)
    say(f"  “{letter.NEXT}”, a copy of it, waits as a draft to be changed and sent by hand.\n")
    return reports.ledger(campaign)


def import_people(workbook: Path) -> None:
    rows = sample.write_workbook(workbook)
    suppress(Story.COMPLAINED, Suppression.Reason.COMPLAINED)
    say(f"Importing {workbook.name}: {rows} rows")
    with workbook.open("rb") as file:
        received = intake.receive(
            File(file), name=workbook.name, mailing_lists=[letter.mailing_list()], consent_statement=letter.CONSENT
        )
    received.check_again()
    follow(received, "dry run", rows)
    for issue in received.issues.all()[:SHOWN_ISSUES]:
        say(f"    row {issue.row}: {issue.message}")
    say(f"    … {max(0, received.issues.count() - SHOWN_ISSUES)} more such rows; none stops the others")
    received.run()
    follow(received, "import", rows)
    table(
        ["what became of them", "rows"],
        [(label, received.counts[name]) for name, label in Import.Outcome.choices if name in received.counts],
    )


def follow(started: Import, label: str, rows: int) -> None:
    """Wait until the cluster has made its pass over the file."""
    subscriber_tasks.nudge(started.pk)
    with progress(label) as bar:
        for _look in looks(lambda: started.cursor):
            started.refresh_from_db()
            bar.show(started.cursor, rows)
            if not started.is_under_way:
                break
    if started.status == Import.Status.FAILED:
        raise WentWrong(f"The import failed: {started.problem}")


def suppress(story: Story, reason: Suppression.Reason) -> None:
    for person in sample.people():
        if person.story == story:
            Suppression.objects.add(addresses.normalise(person.email), reason, note="Part of the demo.")


def compose(limit_per_hour: int) -> Campaign:
    campaign = letter.compose(limit_per_hour)
    codes = campaign.contents.order_by("pk").values_list("language", flat=True)
    languages = ", ".join(get_language_info(code)["name"] for code in codes)
    say(f"\nComposing “{campaign.name}” in {languages}")
    issues = preflight.check(campaign)
    for issue in issues:
        say(f"    {issue.message}")
    if preflight.has_errors(issues):
        raise WentWrong("The campaign cannot be sent like this.")
    return campaign


def send(campaign: Campaign) -> None:
    people = audience.head_count(campaign)
    say(f"\nSending to {people.mailable} people; {people.left_out} more on the list are left out.")
    hour = f"here an hour takes {settings.LIMIT_WINDOW_SECONDS} seconds"
    say(f"The limit is {campaign.limit_per_hour:,} an hour; {hour}.")
    campaign.schedule(timezone.now(), time_zone="Europe/London")
    tasks.nudge()
    have_left = False
    with progress("sending") as bar:
        for _look in looks(lambda: (campaign.status, reports.ledger(campaign).done)):
            campaign.refresh_from_db()
            now = reports.progress(campaign)
            bar.show(now.done, now.total, pace(now))
            if campaign.status in (Campaign.Status.PAUSED, *Campaign.ENDED):
                break
            if not have_left and campaign.planned_at:
                have_left = bool(leave(campaign))
    if campaign.status != Campaign.Status.SENT:
        raise WentWrong(f"The campaign is {campaign.get_status_display()}: {now.pause_reason}")


def leave(campaign: Campaign) -> int:
    """The last in the queue change their minds before it is their turn."""
    waiting = campaign.deliveries.filter(status=Status.QUEUED, tries=0).select_related("subscriber").order_by("-pk")
    evidence = flows.Evidence(ConsentRecord.Source.ADMIN, statement="Said so at the till.")
    leavers = [delivery.subscriber for delivery in waiting[:LEAVERS] if delivery.subscriber]
    for subscriber in leavers:
        flows.unsubscribe(subscriber, campaign.mailing_lists.all(), evidence)
    return len(leavers)


def pace(now: reports.Progress) -> str:
    words = [f"{now.per_second:.1f} a second"] if now.per_second else []
    if now.next_slot_at:
        words.append(f"next in {max(0.0, (now.next_slot_at - timezone.now()).total_seconds()):.1f} s")
    if now.done_at:
        words.append(f"done at {timezone.localtime(now.done_at):%H:%M:%S}")
    return " · ".join([*words, *([now.pause_reason] if now.pause_reason else [])])


def summarise(campaign: Campaign) -> None:
    outcomes = (Status.SENT, Status.FAILED, Status.SKIPPED, Status.UNCERTAIN)
    rows = campaign.deliveries.order_by("edition__language").values_list("edition__language", "status")
    counts = Counter({(language, status): mails for language, status, mails in rows.annotate(mails=Count("pk"))})
    languages = sorted({language for language, _status in counts})
    say()
    table(["language", *outcomes], [(code, *(counts[code, outcome] for outcome in outcomes)) for code in languages])
    say()
    table(["why", "mails"], [(f"{status}: {why}", mails) for status, why, mails in reports.outcomes(campaign) if why])
    tried_again = campaign.deliveries.filter(status=Status.SENT, tries__gt=1).count()
    say(f"\n  {tried_again} of those sent were told to come again, and did.")


def looks(sight: Callable[[], object]) -> Iterator[None]:
    """Again and again, as long as something changes. Raises WentWrong when nothing has for too long."""
    seen, since = sight(), timezone.now()
    while True:
        yield
        time.sleep(LOOK_SECONDS)
        if (now := sight()) != seen:
            seen, since = now, timezone.now()
        if timezone.now() - since > PATIENCE:
            raise WentWrong("Nothing happens any more. Is a cluster running?")
