"""Three clusters lose one of them, another for a while, the queue and the database, and the mails still add up."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import django

django.setup()

import psutil  # noqa: E402

from tests import clusters  # noqa: E402
from tests.torture import stage  # noqa: E402
from tests.torture.scenery import Supervisor, Verdict, is_sent, relatives, set_up  # noqa: E402
from tests.torture.servers import Redis, restart_postgresql  # noqa: E402
from tests.torture.stage import SETTINGS, Broken, wait_until  # noqa: E402

CLUSTERS, CONNECTIONS = 3, 6
AWAY_SECONDS = 2.0


class Outage:
    def __init__(self, people: int, folder: Path) -> None:
        self.people, self.folder = people, folder
        self.queue = Redis()
        os.environ["REDIS_URL"] = self.queue.address
        set_up(people, CONNECTIONS)
        self.supervisor = Supervisor(CLUSTERS)

    def run(self) -> Verdict:
        try:
            self.suffer()
            wait_until(is_sent, "the campaign is sent")
            self.supervisor.stop()
        finally:
            self.supervisor.end()
            self.queue.stop()
        # Of the cluster that is killed, and of the one that is stopped and then has lost what it had.
        most_in_doubt = 2 * CONNECTIONS * int(SETTINGS["HAND_OVER"])
        return Verdict.of(self.people, self.supervisor.killed, most_in_doubt)

    def suffer(self) -> None:
        lost, stopped, _witness = self.supervisor.clusters
        self.after(10, "a cluster is killed")
        self.supervisor.kill(lost, "everybody")
        lost.wait()
        self.supervisor.clusters.remove(lost)
        self.after(25, "another is stopped")
        # What it has on its wires is in doubt until it says what became of it.
        self.supervisor.killed |= relatives(psutil.Process(stopped.pid))
        os.killpg(stopped.pid, signal.SIGSTOP)
        self.after(40, "the queue is emptied, and gone for a while")
        self.queue.crash()
        time.sleep(AWAY_SECONDS)
        self.queue.start()
        self.after(55, "the database is restarted")
        restart_postgresql(self.folder)
        self.after(75, "the stopped cluster goes on")
        os.killpg(stopped.pid, signal.SIGCONT)
        wait_until(lambda: clusters.is_complete(stopped), "the stopped cluster is complete")

    def after(self, percent: int, what: str) -> None:
        mails = self.people * percent // 100
        wait_until(lambda: stage.taken().total() >= mails, f"{mails} mails arrive")
        print(f"{mails:6d} mails: {what}", flush=True)


def main(people: int, folder: Path) -> int:
    try:
        verdict = Outage(people, folder).run()
    except Broken as broken:
        print(broken)
        return 1
    for trouble in verdict.trouble:
        print(trouble)
    print(f"outage: {verdict}")
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
