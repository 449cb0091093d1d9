"""Undoing held against a model that keeps, for each person, who wrote what on top of what."""

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from subscribers.consent import flows
from subscribers.models import ConsentRecord, Import, MailingList, Subscriber, Subscription
from subscribers.transfer import settling
from subscribers.transfer.importing import Pass
from subscribers.transfer.reading import Row
from tests.subscribers.transfer.files import undo

pytestmark = pytest.mark.django_db
THEMSELVES = flows.Evidence(ConsentRecord.Source.PREFERENCES)
HEADINGS = ["Email", "First name", "Company"]
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
