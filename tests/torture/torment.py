"""Kills, pauses and clock jumps at random moments of one campaign. Ends with 0 only if the promise held."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import django

django.setup()

from tests.torture import stage, witness  # noqa: E402
from tests.torture.scenery import Supervisor, Verdict, is_sent, set_up  # noqa: E402
from tests.torture.stage import SETTINGS, Broken, wait_until  # noqa: E402

ROLES = ("worker", "worker", "worker", "guard", "pusher", "monitor", "main", "everybody")
CLUSTERS, CONNECTIONS, PAUSES = 2, 4, 5
PAUSE_SECONDS = 1.0
HOUR = timedelta(hours=1)


class Torment:
    def __init__(self, people: int, kills: int, seed: int) -> None:
        self.people, self.kills = people, kills
        self.chance = random.Random(seed)
        self.campaign = set_up(people, CONNECTIONS)
        self.supervisor = Supervisor(CLUSTERS)

    def run(self) -> Verdict:
        try:
            for at, act in self.plan():
                self.wait_for(at)
                print(f"{at:6d} mails: {act()}", flush=True)
            self.watch(is_sent, "the campaign is sent")
            self.supervisor.stop()
        finally:
            self.supervisor.end()
        most_in_doubt = self.kills * CONNECTIONS * int(SETTINGS["HAND_OVER"])
        return Verdict.of(self.people, self.supervisor.killed, most_in_doubt)

    def plan(self) -> list[tuple[int, Callable[[], str]]]:
        """What is done to it, and after how many mails."""
        acts = [self.kill] * self.kills + [self.pause] * PAUSES
        moments = self.chance.sample(range(self.people // 50, self.people * 9 // 10), len(acts) + 2)
        ahead, back = sorted(moments.pop() for _jump in range(2))
        jumps = [(ahead, lambda: self.jump(HOUR)), (back, lambda: self.jump(-HOUR))]
        return sorted([*zip(moments, acts, strict=True), *jumps], key=lambda one: one[0])

    def wait_for(self, mails: int) -> None:
        self.watch(lambda: stage.taken().total() >= mails, f"{mails} mails arrive")

    def watch(self, happened: Callable[[], bool], what: str) -> None:
        def look() -> bool:
            self.supervisor.restart_dead()
            return happened()

        wait_until(look, what)

    def kill(self) -> str:
        while True:
            cluster, role = self.chance.choice(self.supervisor.clusters), self.chance.choice(ROLES)
            if cluster.poll() is None and self.supervisor.kill(cluster, role):
                return f"kill -9 {role} of cluster {cluster.pid}"
            self.supervisor.restart_dead()
            time.sleep(0.1)

    def pause(self) -> str:
        self.campaign.refresh_from_db()
        if not self.campaign.pause("Torture"):
            raise Broken(f"A campaign that is {self.campaign.status} cannot be paused.")
        time.sleep(PAUSE_SECONDS)
        resting = stage.taken().total()
        self.campaign.refresh_from_db()
        self.campaign.resume()
        return f"paused at {resting} and resumed"

    def jump(self, by: timedelta) -> str:
        witness.shift_all_times(-by)
        return f"the clock jumps {'ahead' if by > timedelta() else 'back'} by an hour"


def main(people: int, kills: int, seed: int) -> int:
    try:
        verdict = Torment(people, kills, seed).run()
    except Broken as broken:
        print(broken)
        print(f"torture: kills={kills} broken")
        return 1
    for trouble in verdict.trouble:
        print(trouble)
    print(f"torture: kills={kills} {verdict}")
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
