"""An import may ask the DNS which domains take mail."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from dns.resolver import NoResolverConfiguration

from subscribers.models import MailDomain, MailingList, Subscriber
from subscribers.transfer import nameservers
from subscribers.transfer.candidates import Candidate
from subscribers.transfer.domains import Domains
from subscribers.transfer.reading import Row
from subscribers.transfer.sieve import Sifted
from tests import nameserver
from tests.nameserver import NameServer
from tests.subscribers.transfer.files import check, issues, receive, run, workbook

pytestmark = pytest.mark.django_db

PEOPLE = workbook(
    ["Email", "Tags"],
    ["ann@example.org", ""],
    ["bob@example.net", "fair"],
    ["chloe@refusing.example.org", ""],
    ["dilnoza@missing.example.org", "fair"],
    ["eve@broken.example.org", ""],
    ["fay@address.example.org", ""],
)
SIMPLE = workbook(["Email"], ["ann@example.org"], ["chloe@refusing.example.org"], ["dilnoza@missing.example.org"])


@pytest.fixture
def dns(settings: Any) -> Iterator[NameServer]:
    zone = {
        "example.org": nameserver.MAIL,
        "example.net": nameserver.MAIL,
        "refusing.example.org": nameserver.NULL_MX,
        "broken.example.org": nameserver.BROKEN,
        "address.example.org": nameserver.ADDRESS_ALONE,
        "nothing.example.org": nameserver.NOTHING,
    }
    with nameserver.serving(zone) as server:
        settings.DNS_SERVERS = [server.address]
        yield server


def test_people_at_domains_that_take_no_mail_are_left_out(dns: NameServer, news: MailingList) -> None:
    done = run(receive(PEOPLE, news, checks_domains=True))

    assert issues(done) == [(4, "no_mail"), (5, "no_mail")]
    assert done.counts == {"new": 4, "invalid": 2, "enrolled": 4}
    assert "refusing.example.org takes no mail" in done.issues.get(row=4).message
    assert set(Subscriber.objects.values_list("domain", flat=True)) == {
        "example.org",
        "example.net",
        "broken.example.org",
        "address.example.org",
    }


def test_rows_read_by_the_column_are_left_out_too(dns: NameServer, news: MailingList) -> None:
    checked = check(receive(SIMPLE, news, checks_domains=True))

    assert issues(checked) == [(3, "no_mail"), (4, "no_mail")]
    assert checked.counts == {"new": 1, "invalid": 2, "enrolled": 1}


def test_nobody_is_asked_unless_staff_want_it(dns: NameServer, news: MailingList) -> None:
    done = run(receive(PEOPLE, news))

    assert done.counts["new"] == 6
    assert not dns.asked


def test_a_misspelt_domain_that_does_not_exist_comes_with_a_suggestion(dns: NameServer, news: MailingList) -> None:
    checked = check(receive(workbook(["Email"], ["ann@gmial.com"]), news, checks_domains=True))

    assert [(issue.reason, issue.suggestion) for issue in checked.issues.all()] == [("no_mail", "ann@gmail.com")]


def test_each_domain_is_asked_for_once_and_remembered(dns: NameServer, news: MailingList) -> None:
    check(receive(SIMPLE, news, checks_domains=True))
    dns.asked.clear()

    run(receive(SIMPLE, news, checks_domains=True))

    assert not dns.asked
    assert dict(MailDomain.objects.values_list("name", "takes_mail")) == {
        "example.org": True,
        "refusing.example.org": False,
        "missing.example.org": False,
    }


@pytest.mark.parametrize(
    ("name", "took_mail", "age", "is_asked"),
    [
        ("example.org", True, timedelta(days=29), False),
        ("example.org", True, timedelta(days=31), True),
        ("missing.example.org", False, timedelta(hours=23), False),
        ("missing.example.org", False, timedelta(hours=25), True),
        ("broken.example.org", None, timedelta(minutes=14), False),
        ("broken.example.org", None, timedelta(minutes=16), True),
    ],
)
def test_an_old_answer_is_asked_for_again(
    dns: NameServer, news: MailingList, name: str, took_mail: bool | None, age: timedelta, is_asked: bool
) -> None:
    MailDomain.objects.create(name=name, takes_mail=took_mail, checked_at=timezone.now() - age)

    check(receive(workbook(["Email"], [f"ann@{name}"]), news, checks_domains=True))

    assert bool(dns.asked) == is_asked
    assert MailDomain.objects.get(name=name).takes_mail == took_mail


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("example.org", True),
        ("address.example.org", True),
        ("refusing.example.org", False),
        ("nothing.example.org", False),
        ("missing.example.org", False),
        ("broken.example.org", None),
    ],
)
def test_records_tell_whether_a_domain_takes_mail(dns: NameServer, name: str, verdict: bool | None) -> None:
    assert nameservers.ask([name]) == {name: verdict}


def test_a_name_server_that_is_silent_holds_nothing_up(
    dns: NameServer, news: MailingList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nameservers, "SECONDS_FOR_EACH", 0.2)
    dns.zone |= {"silent.example.org": nameserver.SILENT}

    done = run(
        receive(workbook(["Email"], ["ann@silent.example.org"], ["bob@missing.example.org"]), news, checks_domains=True)
    )

    assert (done.status, issues(done)) == ("done", [(3, "no_mail")])
    assert Subscriber.objects.get().email == "ann@silent.example.org"
    assert MailDomain.objects.get(name="silent.example.org").takes_mail is None


def times_asked(ask: Callable[[Any], Any]) -> int:
    """If a great many domains come at first, and another one later."""
    asked = []

    def counting(names: Any) -> Any:
        asked.append(names)
        return ask(names)

    domains = Domains(ask=counting)
    for names in ([f"{number}.example.org" for number in range(nameservers.AT_ONCE)], ["example.net"]):
        rows = Sifted(len(names))
        rows.candidates = [_candidate(f"ann@{name}") for name in names]
        domains.withhold(rows)
    return len(asked)


def _candidate(email: str) -> Any:
    return Candidate(Row(1, [email]), email, email.partition("@")[2])


@pytest.mark.parametrize(("answer", "times"), [(None, 1), (True, 2), (False, 2)])
def test_who_says_nothing_at_all_is_not_asked_again_in_the_same_turn(answer: bool | None, times: int) -> None:
    assert times_asked(lambda names: dict.fromkeys(names, answer)) == times


def test_a_machine_without_a_name_server_imports_everybody(
    news: MailingList, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.DNS_SERVERS = []
    monkeypatch.setattr("dns.resolver.Resolver.read_resolv_conf", _no_configuration)

    done = run(receive(workbook(["Email"], ["ann@example.org"]), news, checks_domains=True))

    assert done.counts["new"] == 1


def _no_configuration(*_arguments: Any) -> None:
    raise NoResolverConfiguration


def test_the_command_asks_too(dns: NameServer, news: MailingList, tmp_path: Path) -> None:
    file = tmp_path / "people.xlsx"
    file.write_bytes(SIMPLE)

    with pytest.raises(SystemExit):
        call_command("import_subscribers", str(file), "--list", "news", "--consent", "At the fair", "--check-domains")

    assert Subscriber.objects.get().email == "ann@example.org"
