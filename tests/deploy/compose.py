"""docker-compose.yml as processes of this machine: its commands and environment, other addresses."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def compose_file() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def filled_in(text: str, variables: dict[str, str]) -> str:
    """What docker compose makes of ${NAME}, ${NAME:-default} and ${NAME:?error}."""

    def value(match: re.Match[str]) -> str:
        name, rule, words = match.groups()
        if not variables.get(name) and rule == "?":
            raise LookupError(words)
        return variables.get(name) or (words if rule == "-" else "")

    return VARIABLE.sub(value, text)


def environment(service: str, variables: dict[str, str], addresses: dict[str, str]) -> dict[str, str]:
    """Of one service, with `host:port` of its network replaced by where that server listens here."""
    written = compose_file()["services"][service]["environment"]
    return {name: moved(filled_in(text, variables), addresses) for name, text in written.items()}


def moved(text: str, addresses: dict[str, str]) -> str:
    for there, here in addresses.items():
        text = text.replace(there, here)
    return text


def command(service: str, addresses: dict[str, str]) -> list[str]:
    return programmed(compose_file()["services"][service]["command"], addresses)


def healthcheck(service: str, addresses: dict[str, str]) -> list[str]:
    kind, *words = compose_file()["services"][service]["healthcheck"]["test"]
    assert kind == "CMD"
    return programmed(words, addresses)


def programmed(words: list[str], addresses: dict[str, str]) -> list[str]:
    """As written, with the programs of this environment."""
    program, *rest = [moved(word, addresses) for word in words]
    return [str(Path(sys.executable).with_name(program)), *rest]


def start(service: str, variables: dict[str, str], addresses: dict[str, str], **extra: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(service, addresses),
        env={"PATH": os.environ["PATH"], **environment(service, variables, addresses), **extra},
        cwd=ROOT,
        start_new_session=True,
    )
