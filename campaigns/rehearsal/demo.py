"""The main job, end to end, with real processes in a folder of its own."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from campaigns.rehearsal.processes import Processes, ProcessFailed, Stopped, answers, listens, processes
from campaigns.rehearsal.stage import CannotStage, Stage, new_stage

FAILED = 1
# What a shell says of a process that was interrupted.
INTERRUPTED = 130


def show(folder: Path, *, web_port: int, once: bool, script: list[str]) -> int:
    """Run the demo and return its exit code; `script` goes to the `rehearse` command."""
    try:
        with (
            new_stage(folder, web_port) as stage,
            processes(settings.BASE_DIR, stage.logs, stage.environment()) as cast,
        ):
            build(stage, cast)
            if not once:
                open_admin(stage, cast)
            code = cast.perform("rehearse", "manage.py", "rehearse", str(stage.workbook), *script)
            if code == 0 and not once:
                serve(stage, cast)
            return code
    except (CannotStage, ProcessFailed) as failure:
        print(failure)
        return FAILED
    except Stopped:
        return INTERRUPTED


def build(stage: Stage, cast: Processes) -> None:
    print(f"Building a stage in {stage.folder}", flush=True)
    catch = ("--port", str(stage.smtp_port), "--dir", str(stage.mails))
    cast.start("catcher", "manage.py", "catch_mail", *catch)
    cast.finish("migrate", "manage.py", "migrate", "--verbosity", "0")
    cast.start("cluster", "manage.py", "qcluster")
    cast.wait_until(lambda: listens(stage.smtp_port), "The mail catcher")


def open_admin(stage: Stage, cast: Processes) -> None:
    cast.finish("collectstatic", "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    cast.finish("createsuperuser", "manage.py", "createsuperuser", "--noinput")
    bind = f"127.0.0.1:{stage.web_port}"
    cast.start("web", "-m", "gunicorn", "config.wsgi", "--bind", bind, "--threads", "8", "--no-control-socket")
    cast.wait_until(lambda: answers(f"{stage.address}/healthz"), "The web server")
    print("You may watch it in the admin.")
    introduce(stage)


def serve(stage: Stage, cast: Processes) -> None:
    introduce(stage)
    print("Ctrl-C stops everything.", flush=True)
    with suppress(Stopped):
        while True:
            cast.watch()
            time.sleep(0.5)


def introduce(stage: Stage) -> None:
    print(f"\n  admin     {stage.address}/admin/")
    print(f"  mailbox   {stage.address}/admin/mailbox/")
    print(f"  user      {stage.user}")
    print(f"  password  {stage.password}\n", flush=True)
