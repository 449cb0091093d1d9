"""What docker-compose.yml starts works: the file follows its specification, and its processes send mail."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from compose_spec import PyCompose
from django.utils import timezone

from bench import rig
from campaigns.models import Campaign, Content, Delivery, Layout, Sender, Transport
from subscribers.models import MailingList, Subscriber, Subscription
from tests.catcher import Catcher
from tests.deploy import compose

VARIABLES = {
    "SECRET_KEY": "only-for-this-test-" * 4,
    "SIGNING_KEYS": "a:only-for-this-test-0123456789abcdef",
    "FINGERPRINT_KEY": "a:only-for-this-test-0123456789abcdef",
    "POSTGRES_PASSWORD": "only-for-this-test",
}
LAYOUT = "<html><head><title>{{ subject }}</title></head><body>{{ body }}</body></html>"
PATIENCE_SECONDS = 90


def test_the_compose_file_follows_the_specification() -> None:
    specified = PyCompose.from_json(json.dumps(compose.compose_file()))

    assert {"migrate", "web", "worker", "postgres", "redis", "mailpit"} <= set(specified.service_names())


def test_a_misspelt_compose_key_would_be_noticed() -> None:
    written = json.dumps(compose.compose_file()).replace("stop_grace_period", "stop_grace_time")

    with pytest.raises(ValueError, match="stop_grace_time"):
        PyCompose.from_json(written)


def test_services_wait_only_for_services_that_exist_and_can_be_healthy() -> None:
    services = compose.compose_file()["services"]

    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or "healthcheck" in services[needed], (name, needed)


def test_commands_are_programs_not_shell_lines() -> None:
    """A shell in between would swallow the signal that asks a worker to finish."""
    services = compose.compose_file()["services"]

    assert all(isinstance(service.get("command", []), list) for service in services.values())


def test_postgresql_is_measured_as_it_is_started() -> None:
    program, *options = compose.compose_file()["services"]["postgres"]["command"]

    assert program == "postgres"
    assert options == [word for setting in rig.TUNING for word in ("-c", setting)]


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_no_secret_is_inside_and_a_missing_one_is_named(name: str) -> None:
    without = {key: value for key, value in VARIABLES.items() if key != name}
    service = "postgres" if name == "POSTGRES_PASSWORD" else "web"

    with pytest.raises(LookupError, match=f"set {name} in .env"):
        compose.environment(service, without, {})


def test_the_example_environment_names_every_variable_that_must_be_set() -> None:
    example = (compose.ROOT / ".env.example").read_text(encoding="utf-8")
    required = re.findall(r"\$\{(\w+):\?", (compose.ROOT / "docker-compose.yml").read_text(encoding="utf-8"))

    assert set(required) <= set(re.findall(r"^(\w+)=", example, re.MULTILINE))


@pytest.fixture
def addresses(transactional_db: None, database_url: str, redis_url: str, catcher: Catcher) -> dict[str, str]:
    """Where the servers of the compose network are here; the database is the test's own."""
    database, queue = urlsplit(database_url), urlsplit(redis_url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        web = probe.getsockname()[1]
    return {
        "postgres:5432/broadsheet": f"{database.hostname}:{database.port}{database.path}",
        "redis:6379/0": f"{queue.netloc}{queue.path}",
        "mailpit:1025": f"{catcher.host}:{catcher.port}",
        "0.0.0.0:8000": f"127.0.0.1:{web}",
        "127.0.0.1:8000": f"127.0.0.1:{web}",
    }


@pytest.fixture
def processes(addresses: dict[str, str], tmp_path: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """web and two workers, after migrate; and the static files that the image would hold. Nobody wants to undo."""
    files = {"STATIC_ROOT": str(tmp_path / "static"), "MEDIA_ROOT": str(tmp_path / "media"), "UNDO_SECONDS": "0"}
    collect = [*compose.command("migrate", addresses)[:2], "collectstatic", "--no-input", "-v0"]
    subprocess.run(collect, check=True, env=compose.environment("web", VARIABLES, addresses) | files, cwd=compose.ROOT)
    assert compose.start("migrate", VARIABLES, addresses, **files).wait(timeout=PATIENCE_SECONDS) == 0
    names = {"web": "web", "first worker": "worker", "second worker": "worker"}
    started = {name: compose.start(service, VARIABLES, addresses, **files) for name, service in names.items()}
    yield started
    for process in started.values():
        # Whoever did not stop by itself goes with all its children, or they would hold the database.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answer(url: str) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.read().decode()
        except OSError:
            assert time.monotonic() < deadline, f"no answer from {url}"
            time.sleep(0.2)


def campaign_for(people: int) -> Campaign:
    mailing_list = MailingList.objects.create(name="News", label="news")
    for number in range(people):
        subscriber = Subscriber.objects.create(email=f"reader{number}@example.org", language="en")
        Subscription.objects.create(subscriber=subscriber, mailing_list=mailing_list, status="active")
    Transport.objects.get_or_create(alias="main", defaults={"name": "Main"})
    campaign = Campaign.objects.create(
        name="First light",
        layout=Layout.objects.create(name="Bare", label="bare", html=LAYOUT),
        sender=Sender.objects.create(name="Ann", email="ann@example.org", postal_address="1 Quay, Porto"),
    )
    campaign.mailing_lists.add(mailing_list)
    body = '<p>Hello.</p><p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'
    Content.objects.create(campaign=campaign, language="en", subject="First light", body_html=body)
    return campaign


@pytest.mark.services
def test_the_processes_of_the_compose_file_serve_pages_send_mail_and_stop_when_asked(
    addresses: dict[str, str], processes: dict[str, subprocess.Popen[bytes]], catcher: Catcher
) -> None:
    site = f"http://{addresses['127.0.0.1:8000']}"
    campaign = campaign_for(people=40)

    campaign.schedule(timezone.now())
    login_page = answer(f"{site}/admin/login/")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not Campaign.objects.filter(pk=campaign.pk, status="sent") and time.monotonic() < deadline:
        time.sleep(0.2)

    assert subprocess.run(compose.healthcheck("web", addresses), check=False).returncode == 0
    (style, *_others) = re.findall(r'href="(/static/[^"]+\.css)"', login_page)
    assert answer(f"{site}{style}")
    assert sorted(mail.recipient for mail in catcher.mails) == sorted(f"reader{n}@example.org" for n in range(40))
    assert Delivery.objects.filter(campaign=campaign, status="sent").count() == 40
    for name, process in processes.items():
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0, name
