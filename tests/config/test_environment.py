"""A wrong setting stops every process with one line; a right one is understood."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READER = re.compile(r"(?:env|keys)\.\w+\(\s*\"([A-Z_]+)\"")
PASSWORD = "hunter2-hunter2-hunter2-hunter2-hunter2"


def production(**changes: str) -> dict[str, str]:
    """The environment of config/build.env with some variables changed, and none of this process's own."""
    lines = (ROOT / "config" / "build.env").read_text().splitlines()
    complete = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {"PATH": os.environ["PATH"], **complete, **changes}


def start(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(words or ("manage.py", "check"))],
        env=production(**changes),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def read(expression: str, **changes: str) -> str:
    done = start("-c", f"from config import settings; print(({expression}))", **changes)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


WRONG = [
    ("DEBUG", "maybe"),
    ("BASE_URL", ""),
    ("BASE_URL", "news.example.org"),
    ("BASE_URL", "https://user:" + PASSWORD + "@news.example.org"),
    ("BASE_URL", "https://news.example.org:port"),
    ("SECRET_KEY", ""),
    ("SECRET_KEY", PASSWORD),
    ("SECRET_KEY_FILE", "/nowhere/secret"),
    ("SIGNING_KEYS", ""),
    ("SIGNING_KEYS", PASSWORD),
    ("SIGNING_KEYS", f"a:{PASSWORD},a:{PASSWORD}"),
    ("SIGNING_KEYS", "a:short"),
    ("FINGERPRINT_KEY", ""),
    ("FINGERPRINT_KEY", f"a:{PASSWORD},b:{PASSWORD}"),
    ("DATABASE_URL", f"mysql://root:{PASSWORD}@127.0.0.1/broadsheet"),
    ("DATABASE_URL", f"postgres://broadsheet:{PASSWORD}@127.0.0.1:port/broadsheet"),
    ("REDIS_URL", f"http://:{PASSWORD}@127.0.0.1"),
    ("MAILERS", f"smtp://ann:{PASSWORD}@smtp.example.org"),
    ("MAILERS", f"main=ftp://ann:{PASSWORD}@smtp.example.org"),
    ("MAILERS", f"main=smtp://ann:{PASSWORD}@smtp.example.org?tls=perhaps"),
    ("MAILERS", f"main=smtp://ann:{PASSWORD}@smtp.example.org?timeout=never"),
    ("MAILERS", f"main=smtp://ann:{PASSWORD}@smtp.example.org?colour=blue"),
    ("MAILERS", f"main=smtp://ann:{PASSWORD}@smtp.example.org?chunking=perhaps"),
    ("MAILERS", "main=console:// main=console://"),
    ("INCOMING_MAIL", f"pop3://ann:{PASSWORD}@mail.example.org"),
    ("INCOMING_MAIL", f"imaps://ann:{PASSWORD}@mail.example.org?tls=none"),
    ("INCOMING_MAIL", f"imaps://ann:{PASSWORD}@mail.example.org:port"),
    ("INCOMING_MAIL", "imaps://mail.example.org"),
    ("WORKERS", "none"),
    ("WORKERS", "0"),
    ("DNS_SERVERS", "dns.example.org"),
    ("DNS_SERVERS", "192.0.2.53:port"),
    ("LANE_CONNECTIONS", "-1"),
    ("LANE_SECONDS", "soon"),
    ("LEASE_SECONDS", "1"),
    ("LIMIT_WINDOW_SECONDS", "3601"),
    ("LANGUAGE_CODE", "tlh"),
    ("TIME_ZONE", "Mars/Olympus"),
    ("LOG_LEVEL", "LOUD"),
    ("HTTPS", "sometimes"),
    ("TRUST_PROXY", "2"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_stops_the_start_with_the_name_of_its_variable(name: str, value: str) -> None:
    changes = {name: value, "SECRET_KEY": ""} if name == "SECRET_KEY_FILE" else {name: value}

    done = start(**changes)

    assert done.returncode == 3
    assert done.stderr.startswith(f"Broadsheet cannot start: {name} ")
    assert done.stderr.count("\n") == 1
    assert PASSWORD not in done.stderr + done.stdout


def test_a_complete_production_environment_starts() -> None:
    done = start()

    assert done.returncode == 0, done.stderr


def test_the_web_process_says_what_is_wrong_too() -> None:
    done = start("-c", "import config.wsgi", WORKERS="none")

    assert (done.returncode, done.stderr) == (
        3,
        "Broadsheet cannot start: WORKERS must be a whole number from 1 to 64, not 'none'.\n",
    )


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from-a-file-" * 5 + "\n")

    assert read("settings.SECRET_KEY", SECRET_KEY="", SECRET_KEY_FILE=str(file)) == "from-a-file-" * 5


def test_a_secret_in_two_places_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(PASSWORD)

    assert "SECRET_KEY and SECRET_KEY_FILE are both set" in start(SECRET_KEY_FILE=str(file)).stderr


def test_the_mailbox_is_read_safely_unless_said_otherwise() -> None:
    written = "imaps://news%40example.org:p%2Fw@imap.example.org/Lists/Bounces"

    assert read("settings.INCOMING_MAIL", INCOMING_MAIL=written) == str(
        {
            "host": "imap.example.org",
            "port": 993,
            "user": "news@example.org",
            "password": "p/w",
            "folder": "Lists/Bounces",
            "tls": "ssl",
            "timeout": 30,
        }
    )
    assert "'starttls'" in read("settings.INCOMING_MAIL", INCOMING_MAIL="imap://ann:secret@imap.example.org")
    assert read("settings.INCOMING_MAIL") == "None"


def test_mailers_become_backends_with_a_time_limit() -> None:
    written = (
        "main=smtp://ann%40example.org:p%2Cw@smtp.example.org:2525?tls=starttls, spare=smtp://mx.example.net?tls=ssl"
    )

    assert read("settings.MAILERS['main']['OPTIONS']", MAILERS=written) == str(
        {
            "host": "smtp.example.org",
            "port": 2525,
            "username": "ann@example.org",
            "password": "p,w",
            "use_tls": True,
            "use_ssl": False,
            "timeout": 30,
        }
    )
    assert read("settings.MAILERS['spare']['OPTIONS']['port']", MAILERS=written) == "465"
    assert (
        read("settings.MAILERS['main']['OPTIONS']['chunking']", MAILERS="main=smtp://a.example?chunking=no") == "False"
    )
    assert read("settings.EMAIL_BACKEND", MAILERS=written) == "campaigns.delivery.backend.EmailBackend"


def test_the_first_signing_key_is_the_newest() -> None:
    newest, oldest = "n:" + "1" * 32, "o:" + "2" * 32

    assert read("[i for i, _ in settings.SIGNING_KEYS]", SIGNING_KEYS=f"{newest}, {oldest}") == "['n', 'o']"


def test_https_follows_from_the_public_address() -> None:
    facts = "settings.SESSION_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT, settings.CSRF_TRUSTED_ORIGINS"

    assert read(facts) == "(True, True, ['https://news.example.org'])"
    assert read(facts, BASE_URL="http://localhost:8000/") == "(False, False, ['http://localhost:8000'])"


def test_redis_carries_the_queue_only_if_it_is_named() -> None:
    broker = "settings.Q_CLUSTER.get('redis'), settings.Q_CLUSTER.get('orm')"

    assert read(broker) == "(None, 'default')"
    named = read(broker, REDIS_URL="redis://127.0.0.1:6379/0?socket_timeout=3")
    assert named == "('redis://127.0.0.1:6379/0?socket_timeout=3&socket_connect_timeout=5', None)"
    local = read(broker, REDIS_URL="unix:///run/redis.sock")
    assert local.startswith("('unix:///run/redis.sock?socket_")


def test_postgresql_is_reached_over_a_socket_or_the_network() -> None:
    names = "[settings.DATABASES['default'][n] for n in ('NAME', 'USER', 'PASSWORD', 'HOST', 'PORT', 'OPTIONS')]"

    network = read(names, DATABASE_URL="postgres://ann:p%40ss@db.example.org:5433/news?sslmode=require")
    local = read(names, DATABASE_URL="postgres:///news?host=/run/postgresql")

    assert network.startswith("['news', 'ann', 'p@ss', 'db.example.org', '5433', {")
    assert "'sslmode': 'require'" in network
    assert local.startswith("['news', '', '', '/run/postgresql', '', {")


def test_a_server_that_does_not_answer_is_not_waited_for_without_end() -> None:
    options = "settings.DATABASES['default']['OPTIONS']"

    assert "'connect_timeout': '10'" in read(options, DATABASE_URL="postgres://db.example.org/news")
    chosen = read(options, DATABASE_URL="postgres://db.example.org/news?connect_timeout=3")
    assert "'connect_timeout': '3'" in chosen
    assert "idle_in_transaction_session_timeout=30s" in chosen


def test_the_environment_is_read_in_one_place_only() -> None:
    """Commands and the demo talk to the shell; everything else asks the settings."""
    readers = [
        str(file.relative_to(ROOT))
        for app in ("campaigns", "subscribers")
        for file in (ROOT / app).rglob("*.py")
        if not {"management", "rehearsal"} & set(file.parts) and re.search(r"getenv|environ\.get", file.read_text())
    ]

    assert readers == []


def test_every_variable_is_documented() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE))
    variables = {name for file in (ROOT / "config").glob("*.py") for name in READER.findall(file.read_text())}

    assert variables == documented
