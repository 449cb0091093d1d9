"""Undoing an import takes back what it did, and nothing that anybody did since."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as some

from subscribers.consent import flows
from subscribers.models import ConsentRecord, Import, ImportJournal, MailingList, Subscriber, Subscription, Tag
from subscribers.transfer import settling, undoing
from subscribers.transfer.importing import Pass
from subscribers.transfer.reading import Row
from tests.subscribers.transfer.files import finish, import_people, workbook

pytestmark = pytest.mark.django_db
THEMSELVES = flows.Evidence(ConsentRecord.Source.PREFERENCES)
HEADINGS = ["Email", "First name", "Company"]


def undo(over: Import) -> Import:
    assert over.undo()
    return finish(over)


def kept(over: Import) -> list[tuple[str, str]]:
    return [(Subscriber.objects.get(pk=one.person).email, one.reason) for one in undoing.kept(over)]


def test_whoever_an_import_added_goes_and_the_ledger_says_so(news: MailingList) -> None:
    done = import_people(workbook(HEADINGS, ["ann@example.org", "Ann", "Acme"]), news)

    undone = undo(done)

    assert undone.status == "undone"
    assert kept(undone) == []
    assert not Subscriber.objects.exists()
    assert not Subscription.objects.exists()
    lines = ConsentRecord.objects.order_by("id").values_list("subscriber", "mailing_list", "action", "source")
    assert list(lines) == [(None, news.pk, "granted", "import"), (None, news.pk, "withdrawn", "import")]
    assert "people.xlsx" in ConsentRecord.objects.latest("id").statement
    assert undoing.balance(undone) == undoing.Balance(removed=1)


def test_whoever_was_known_gets_back_what_they_had(news: MailingList, events: MailingList) -> None:
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Anna", attributes={"city": "Rome"})
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="pending")
    before = Subscriber.objects.values().get()
    rows = workbook([*HEADINGS, "Tags"], ["ann@example.org", "Ann", "Acme", "vip"])
    done = import_people(rows, news, events, existing="overwrite")
    assert set(ann.subscriptions.values_list("status", flat=True)) == {"active"}
    assert [tag.name for tag in ann.tags.all()] == ["vip"]

    undone = undo(done)

    assert Subscriber.objects.values().get() == before
    assert list(ann.subscriptions.values_list("mailing_list", "status")) == [(news.pk, "pending")]
    assert not ann.tags.exists()
    assert undoing.balance(undone) == undoing.Balance(restored=1)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (lambda ann, lists: flows.unsubscribe(ann, [lists[0]], THEMSELVES), "acted"),
        (lambda ann, lists: flows.subscribe(ann, [lists[1]], THEMSELVES), "acted"),
        (lambda ann, lists: flows.subscribe(ann, [lists[1]], flows.Evidence(ConsentRecord.Source.ADMIN)), "listed"),
        (
            lambda ann, lists: Subscription.objects.create(subscriber=ann, mailing_list=lists[1], status="active"),
            "listed",
        ),
        (lambda ann, lists: ann.save(), "edited"),
        (lambda ann, lists: import_people(workbook(["Email"], [ann.email]), lists[1]), "listed"),
    ],
)
def test_whoever_did_something_since_is_kept(news: MailingList, events: MailingList, act: object, reason: str) -> None:
    done = import_people(workbook(HEADINGS, ["ann@example.org", "Ann", "Acme"]), news)
    act(Subscriber.objects.get(), [news, events])  # type: ignore[operator]
    before = Subscriber.objects.values().get(), list(Subscription.objects.values())

    foreseen = undoing.forecast(done, seconds=10)
    undone = undo(done)

    assert (Subscriber.objects.values().get(), list(Subscription.objects.values())) == before
    assert kept(undone) == [("ann@example.org", reason)]
    assert undoing.balance(undone) == foreseen
    assert foreseen.lines()[0][1] == 1


def test_a_name_that_was_edited_since_stays_and_the_rest_is_put_back(news: MailingList) -> None:
    ann = Subscriber.objects.create(email="ann@example.org")
    done = import_people(workbook(HEADINGS, ["ann@example.org", "Ann", "Acme"]), news)
    ann.refresh_from_db()
    ann.first_name = "Annie"
    ann.save()

    undone = undo(done)

    ann.refresh_from_db()
    assert (ann.first_name, ann.attributes) == ("Annie", {})
    assert kept(undone) == [("ann@example.org", "edited")]


def test_an_import_that_left_everybody_as_they_are_has_nothing_to_undo(news: MailingList) -> None:
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Anna")
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="active")
    done = import_people(workbook(HEADINGS, ["ann@example.org", "Ann", "Acme"]), news, existing="leave")

    undone = undo(done)

    assert undone.counts == {"unchanged": 1}
    assert undoing.balance(undone) == undoing.Balance()
    assert not ImportJournal.objects.exists()


def test_an_import_can_be_imported_again_after_it_was_undone(news: MailingList) -> None:
    rows = workbook(HEADINGS, ["ann@example.org", "Ann", "Acme"])
    undo(import_people(rows, news))

    again = import_people(rows, news)

    assert again.counts == {"new": 1, "enrolled": 1}
    assert news.subscriptions.active().count() == 1


def test_undoing_goes_on_where_it_was_left(news: MailingList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subscribers.transfer.importing.CHUNK", 2)
    done = import_people(workbook(["Email"], *([f"person{at}@example.org"] for at in range(5))), news)
    assert done.undo()

    with pytest.raises(RuntimeError), interrupted_after(2, monkeypatch):
        finish(done)

    assert Subscriber.objects.count() == 2
    Import.objects.update(leased_until=timezone.now())
    assert finish(done).status == "undone"
    assert not Subscriber.objects.exists()
    assert undoing.balance(done) == undoing.Balance(removed=5)


@contextmanager
def interrupted_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if the machine went off, without a chance to tidy up."""
    whole, done = undoing._step, itertools.count()

    def step(started: Import) -> bool:
        if next(done) == steps:
            raise SystemError
        return whole(started)

    with monkeypatch.context() as patched:
        patched.setattr(undoing, "_step", step)
        patched.setattr("subscribers.transfer.importing.Exception", OSError, raising=False)
        try:
            yield
        except SystemError as error:
            raise RuntimeError from error


# What follows holds undoing against a model that keeps, for each person, who wrote what on top of what.

NAMES = ("ann", "bob", "chloe")
LISTS = ("news", "events")
FIELDS = ("first_name", "company")


class Person:
    """Each field is a pile of (who, value); each list a pile of (who, status)."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.fields: dict[str, list[tuple[str, str]]] = {name: [] for name in FIELDS}
        self.lists: dict[str, list[tuple[str, str]]] = {name: [] for name in LISTS}
        self.touched: list[str] = []

    def value(self, name: str) -> str:
        return self.fields[name][-1][1] if self.fields[name] else ""

    def status(self, name: str) -> str:
        return self.lists[name][-1][1] if self.lists[name] else ""


class World:
    def __init__(self) -> None:
        self.people: dict[str, Person] = {}

    def import_rows(self, who: str, rows: dict[str, str], listed: str, existing: str) -> None:
        for name, value in rows.items():
            person = self.people.get(name)
            if person and person.status(listed) == "ended":
                continue
            if person is None:
                person = self.people[name] = Person(who)
            changed = False
            for field in FIELDS:
                may = (
                    person.origin == who or existing == "overwrite" or (existing == "fill" and not person.value(field))
                )
                if may:
                    person.fields[field].append((who, f"{field} {value}"))
                    changed = True
            if not person.status(listed) or person.status(listed) == "pending":
                person.lists[listed].append((who, "active"))
                changed = True
            if changed and person.origin != who:
                person.touched.append(who)

    def undo(self, who: str) -> None:
        for name, person in list(self.people.items()):
            if person.origin == who:
                if not person.touched:
                    del self.people[name]
                else:
                    person.origin = "kept"
                    person.touched.append("kept")
                continue
            for pile in person.fields.values():
                pile[:] = [entry for entry in pile if entry[0] != who]
            for pile in person.lists.values():
                if pile and pile[-1][0] == who:
                    pile.pop()
            if who in person.touched:
                person.touched.remove(who)


def state_of(world: World) -> dict[str, object]:
    return {
        name: (person.value("first_name"), person.value("company"), {each: person.status(each) for each in LISTS})
        for name, person in world.people.items()
    }


def state_of_database() -> dict[str, object]:
    found = {}
    for person in Subscriber.objects.all():
        links = dict(person.subscriptions.values_list("mailing_list__label", "status"))
        lists = {each: links.get(each, "") for each in LISTS}
        found[person.email.partition("@")[0]] = (person.first_name, person.attributes.get("company", ""), lists)
    return found


def act(world: World, step: tuple[str, str, str], number: int) -> None:
    what, name, listed = step
    person = world.people.get(name)
    if person is None:
        return
    row = Subscriber.objects.get(email=f"{name}@example.org")
    page = MailingList.objects.get(label=listed)
    if what == "edit":
        row.first_name = f"edited {number}"
        row.save()
        person.fields["first_name"].append((f"edit {number}", row.first_name))
        person.touched.append(f"edit {number}")
    elif what == "leave" and flows.unsubscribe(row, [page], THEMSELVES):
        person.lists[listed].append((f"leave {number}", "ended"))
        person.touched.append(f"leave {number}")
    elif what == "join" and flows.subscribe(row, [page], THEMSELVES):
        person.lists[listed].append((f"join {number}", "active"))
        person.touched.append(f"join {number}")


def imported(rows: dict[str, str], listed: str, existing: str) -> Import:
    """Without a file: what a worker does with the rows once it has read them."""
    cells = [[f"{name}@example.org", f"first_name {value}", f"company {value}"] for name, value in rows.items()]
    mapping = {"0": "email", "1": "first_name", "2": "attribute:company"}
    made = Import.objects.create(
        name="people.csv", columns=HEADINGS, mapping=mapping, existing=existing, status=Import.Status.CHECKED
    )
    made.mailing_lists.set(MailingList.objects.filter(label=listed))
    assert made.run()
    worker = Pass(made)
    worker._matcher = settling.matcher(made)
    worker._commit(settling.sieve(made, []).sift([Row(at, row) for at, row in enumerate(cells, start=2)]))
    worker._finish()
    return made


some_rows = some.dictionaries(some.sampled_from(NAMES), some.just(""), max_size=3)
some_import = some.tuples(some_rows, some.sampled_from(LISTS), some.sampled_from(["fill", "overwrite", "leave"]))
some_steps = some.lists(
    some.tuples(some.sampled_from(["edit", "leave", "join"]), some.sampled_from(NAMES), some.sampled_from(LISTS)),
    max_size=3,
)


@settings(max_examples=150)
@given(
    known=some.dictionaries(some.sampled_from(NAMES), some.sampled_from(["", "active", "pending", "ended"])),
    first=some_import,
    second=some_import,
    steps=some.tuples(some_steps, some_steps, some_steps),
    order=some.permutations(["first", "second"]),
)
def test_two_imports_are_undone_in_any_order_whatever_happened_in_between(
    known: dict[str, str], first: tuple, second: tuple, steps: tuple, order: list[str]
) -> None:
    with transaction.atomic():
        world = World()
        lists = {label: MailingList.objects.create(label=label, name=label) for label in LISTS}
        for name, status in known.items():
            person = world.people[name] = Person("known")
            row = Subscriber.objects.create(email=f"{name}@example.org")
            if status:
                Subscription.objects.create(subscriber=row, mailing_list=lists["news"], status=status)
                person.lists["news"].append(("known", status))
        made = {}
        for number, (who, (rows, listed, existing)) in enumerate((("first", first), ("second", second))):
            named = dict.fromkeys(rows, who)
            made[who] = imported(named, listed, existing)
            world.import_rows(who, named, listed, existing)
            for at, step in enumerate(steps[number]):
                act(world, step, 10 * number + at)
        assert state_of_database() == state_of(world)

        for number, who in enumerate(order):
            undo(made[who])
            world.undo(who)

            assert state_of_database() == state_of(world)
            if number == 0:
                for at, step in enumerate(steps[2]):
                    act(world, step, 100 + at)
        transaction.set_rollback(True)


def test_tags_of_the_import_go_and_others_stay(news: MailingList) -> None:
    ann = Subscriber.objects.create(email="ann@example.org")
    ann.tags.add(Tag.objects.create(name="old"))
    done = import_people(workbook(["Email", "Tags"], ["ann@example.org", "old; new"]), news)

    undo(done)

    assert [tag.name for tag in ann.tags.all()] == ["old"]
