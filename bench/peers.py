"""Others from the package index, in an environment of their own that the run makes and removes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.report import Figures
from bench.rig import ROOT, Rig, output

INSTALL_SECONDS = 120
# The same versions of what they share with us.
SHARED = ("django", "psycopg", "psycopg-binary")
PACKAGES = ("django-mailer", "django-post_office")


class NotInstalled(Exception):
    """`str()` says why."""


@dataclass(frozen=True)
class Peers:
    python: Path
    environment: dict[str, str]

    @classmethod
    def install(cls, rig: Rig, database: str, messages: int) -> Peers:
        python = _virtual_environment(rig.folder / "peers")
        letter = rig.folder / "letter.json"
        letter.write_text(json.dumps(rig.run(database, "bench.people.letter", messages)), encoding="utf-8")
        environment = {
            "DJANGO_SETTINGS_MODULE": "bench.peer_settings",
            "BENCH_DATABASE": rig.bare_database("peers"),
            "BENCH_SINK": rig.sink,
            "BENCH_FOLDER": str(rig.folder),
        }
        peers = cls(python, environment)
        peers.send("nothing")
        return peers

    def send(self, name: str) -> Figures:
        figures: Figures = output([str(self.python), "-m", "bench.peer", name], self.environment)
        return figures


def _virtual_environment(folder: Path) -> Path:
    pins = [f"{name}=={version(name)}" for name in SHARED]
    python = folder / "bin" / "python"
    commands = (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pins, *PACKAGES],
    )
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS, cwd=ROOT)
    except subprocess.CalledProcessError as error:
        raise NotInstalled(error.stderr.strip().splitlines()[-1] if error.stderr else str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise NotInstalled(f"not installed within {INSTALL_SECONDS} seconds") from error
    return python
