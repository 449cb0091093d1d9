"""What this application holds about people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers import addresses
from subscribers.models import (
    BulkStep,
    ConsentRecord,
    Export,
    Import,
    ImportIssue,
    ImportJournal,
    SearchText,
    SignUp,
    Subscriber,
    Subscription,
    Suppression,
)
from subscribers.privacy.files import Marks
from subscribers.privacy.holdings import Holding, People, Row, register
from subscribers.privacy.traces import GONE, Traces

PERSON: Final = (
    "email", "first_name", "last_name", "language", "time_zone", "attributes", "wants_digest", "may_track",
    "created_at", "updated_at",
)  # fmt: skip


def tell_person(people: People) -> Iterable[Row]:
    for person in Subscriber.objects.filter(pk__in=people.numbers):
        tags = [tag.name for tag in person.tags.all()]
        yield {name: getattr(person, name) for name in PERSON} | {"tags": tags}


def tell_subscriptions(people: People) -> Iterable[Row]:
    found = Subscription.objects.filter(subscriber__in=people.numbers).select_related("mailing_list")
    for each in found.order_by("pk"):
        yield {
            "mailing_list": each.mailing_list.name,
            "status": each.get_status_display(),
            "created_at": each.created_at,
            "ended_at": each.ended_at,
            "expires_at": each.expires_at,
        }


def tell_consent(people: People) -> Iterable[Row]:
    records = ConsentRecord.objects.filter(subscriber__in=people.numbers).select_related("mailing_list", "found_in")
    for record in records.order_by("pk"):
        yield {
            "recorded_at": record.recorded_at,
            "action": record.get_action_display(),
            "mailing_list": record.mailing_list.name if record.mailing_list else "",
            "source": record.get_source_display(),
            "statement": record.statement,
            "language": record.language,
            "network_address": record.network_address,
            "basis": record.get_basis_display(),
            "expires_at": record.expires_at,
            "found_in": record.found_in.name if record.found_in else "",
        }


def anonymise_consent(people: People) -> None:
    """That somebody agreed stays in the ledger. What staff wrote about it may name the person."""
    theirs = ConsentRecord.objects.filter(subscriber__in=people.numbers)
    theirs.exclude(network_address=None).update(network_address=None)
    theirs.filter(source__in=(ConsentRecord.Source.ADMIN, ConsentRecord.Source.API)).update(statement="")
    Traces(people.addresses).remove_from(theirs.exclude(statement=""), "statement")


def tell_suppressions(people: People) -> Iterable[Row]:
    for address in sorted(people.addresses):
        for row in Suppression.objects.about(address).select_related("mailing_list"):
            yield {
                "reason": row.get_reason_display(),
                "fingerprint": row.fingerprint,
                "domain": row.domain,
                "mailing_list": row.mailing_list.name if row.mailing_list else _("all mail"),
                "note": row.note,
                "created_at": row.created_at,
                "expires_at": row.expires_at,
            }


def suppress_for_good(people: People) -> None:
    """The fingerprint is what remains, so that no import brings the person back."""
    prints = [addresses.fingerprint(address) for address in people.addresses]
    Suppression.objects.filter(fingerprint__in=prints).delete()
    Traces(people.addresses).remove_from(Suppression.objects.exclude(note=""), "note")
    rows = [Suppression(fingerprint=each, reason=Suppression.Reason.ERASED) for each in prints]
    # Somebody may be suppressed at this moment by a mail that bounces: one row is enough.
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)
    Suppression.objects.everywhere().filter(fingerprint__in=prints).update(
        reason=Suppression.Reason.ERASED, note="", expires_at=None
    )


def tell_imports(people: People) -> Iterable[Row]:
    traces = Traces(people.addresses)
    for issue, _clean in traces.rows(ImportIssue.objects.select_related("found_in"), "values", "message", "suggestion"):
        yield {"found_in": issue.found_in.name, "row": issue.row, "message": issue.message, "values": issue.values}


def forget_imported_rows(people: People) -> None:
    traces = Traces(people.addresses)
    theirs = [row.pk for row, _clean in traces.rows(ImportIssue.objects.all(), "values", "message", "suggestion")]
    ImportIssue.objects.filter(pk__in=theirs).update(values=[], message=_("Erased."), suggestion="")
    for started, _clean in traces.rows(Import.objects.defer("mapping"), "sample"):
        kept = [each for each in started.sample if traces.without(each) == each]
        Import.objects.filter(pk=started.pk).update(sample=kept)


def tell_changes(people: People) -> Iterable[Row]:
    for journal, number, changes in _changed_by_imports(people):
        yield {"found_in": journal.found_in.name, "person": number, "changes": changes}


def forget_changes(people: People) -> None:
    for journal in {journal.pk: journal for journal, _number, _changes in _changed_by_imports(people)}.values():
        kept = [entry for entry in journal.entries["changed"] if entry[0] not in people.numbers]
        ImportJournal.objects.filter(pk=journal.pk).update(entries=journal.entries | {"changed": kept})


def _changed_by_imports(people: People) -> Iterable[tuple[ImportJournal, int, Any]]:
    if not people.numbers:
        return
    for journal in ImportJournal.objects.select_related("found_in").iterator(50):
        for number, changes, *_more in journal.entries.get("changed", ()):
            if number in people.numbers:
                yield journal, number, changes


def tell_bulk_changes(people: People) -> Iterable[Row]:
    for number in people.numbers:
        steps = BulkStep.objects.filter(first__lte=number, last__gte=number).select_related("change")
        for step in steps:
            if number in step.people:
                yield {"at": step.at, "change": str(step.change)}


def tell_sign_ups(people: People) -> Iterable[Row]:
    for sign_up in _sign_ups(people).prefetch_related("mailing_lists"):
        yield {
            "created_at": sign_up.created_at,
            "status": sign_up.get_status_display(),
            "email": sign_up.email,
            "first_name": sign_up.first_name,
            "last_name": sign_up.last_name,
            "language": sign_up.language,
            "time_zone": sign_up.time_zone,
            "attributes": sign_up.attributes,
            "mailing_lists": [each.name for each in sign_up.mailing_lists.all()],
            "referrer": sign_up.referrer,
            "statement": sign_up.statement,
            "network_address": sign_up.network_address,
            "confirmed_at": sign_up.confirmed_at,
        }


def remove_sign_ups(people: People) -> None:
    _sign_ups(people).delete()


def _sign_ups(people: People) -> QuerySet[SignUp]:
    return SignUp.objects.filter(email__in=people.addresses).order_by("pk")


def tell_files(people: People) -> Iterable[Row]:
    marks = Marks(people.addresses)
    for kept in _files():
        if marks.are_in(kept.file):
            yield {"file": kept.name, "created_at": kept.created_at}


def remove_files(people: People) -> None:
    """What staff can have made anew goes; an import that is under way stops, and what it has written stands."""
    marks = Marks(people.addresses)
    for kept in _files():
        # Without addresses nobody can tell who is in it.
        is_blind = isinstance(kept, Export) and kept.hides_addresses
        if not is_blind and not marks.are_in(kept.file):
            continue
        gone: dict[str, str] = {"file": ""}
        if kept.cancel():
            gone["problem"] = _("Somebody in it was erased. Begin it anew, without them.")
        type(kept).objects.filter(pk=kept.pk).update(**gone)
        storage, name = kept.file.storage, kept.file.name
        transaction.on_commit(lambda storage=storage, name=name: storage.delete(name))  # type: ignore[misc]


def _files() -> Iterable[Any]:
    yield from Import.objects.exclude(file="")
    yield from Export.objects.exclude(file="")


def tell_log(people: People) -> Iterable[Row]:
    for entry in _log_about(people).select_related("user"):
        yield {
            "action_time": entry.action_time,
            "user": str(entry.user),
            "action_flag": entry.get_action_flag_display(),
            "change_message": entry.get_change_message(),
        }


def anonymise_log(people: People) -> None:
    _log_about(people).update(object_repr=GONE)


def _log_about(people: People) -> QuerySet[LogEntry]:
    kind = ContentType.objects.get_for_model(Subscriber)
    numbers = [str(number) for number in people.numbers]
    return LogEntry.objects.filter(Q(content_type=kind, object_id__in=numbers))


def tell_accounts(people: People) -> Iterable[Row]:
    for user in get_user_model()._default_manager.filter(email__in=people.addresses):
        yield {"username": user.get_username(), "email": user.email, "last_login": user.last_login}


# In the order in which they are told.
register(Holding("person", gettext_lazy("Person"), [Subscriber, Subscriber.tags.through, SearchText], tell_person))
register(Holding("subscriptions", gettext_lazy("Subscriptions"), [Subscription], tell_subscriptions))
register(
    Holding(
        "consent",
        gettext_lazy("Consent"),
        [ConsentRecord],
        tell_consent,
        anonymise_consent,
        # Without a name of its own in the model.
        labels={"mailing_list": gettext_lazy("list")},
    )
)
register(
    Holding(
        "sign_ups",
        gettext_lazy("Sign-ups"),
        [SignUp, SignUp.mailing_lists.through],
        tell_sign_ups,
        remove_sign_ups,
    )
)
register(Holding("suppressions", gettext_lazy("Suppressions"), [Suppression], tell_suppressions, suppress_for_good))
register(
    Holding("import_rows", gettext_lazy("Rows of imports"), [ImportIssue, Import], tell_imports, forget_imported_rows)
)
register(Holding("import_changes", gettext_lazy("Changes by imports"), [ImportJournal], tell_changes, forget_changes))
register(Holding("bulk_changes", gettext_lazy("Bulk changes"), [BulkStep], tell_bulk_changes))
register(Holding("files", gettext_lazy("Files"), [Export], tell_files, remove_files))
register(Holding("log", gettext_lazy("What staff did"), [LogEntry], tell_log, anonymise_log))
register(Holding("accounts", gettext_lazy("Staff accounts"), [get_user_model()], tell_accounts))
