"""The campaign, the clusters with their supervisor, and the verdict."""

from __future__ import annotations

import os
import signal
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import psutil
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from campaigns import reports
from campaigns.models import Campaign, Delivery, Transport
from tests import clusters
from tests.campaigns.delivery import scene
from tests.clusters import Cluster
from tests.torture import stage, witness
from tests.torture.stage import Broken

LANGUAGES = ("en", "de", "ar", "ja")


def set_up(people: int, connections: int) -> Campaign:
    call_command("migrate", verbosity=0)
    witness.take_a_seat()
    with transaction.atomic():
        campaign = scene.campaign(languages=LANGUAGES)
        clusters.enrol_a_crowd(campaign, people, LANGUAGES)
        Transport.objects.update(connections=connections)
    return campaign


def is_sent() -> bool:
    try:
        return Campaign.objects.get().status == Campaign.Status.SENT
    except OperationalError:
        connection.close()
        return False


class Supervisor:
    """Starts clusters, and starts them again when they end."""

    def __init__(self, number: int) -> None:
        self.clusters = [clusters.start(dict(os.environ)) for _cluster in range(number)]
        self.killed: set[int] = set()

    def restart_dead(self) -> None:
        for place, cluster in enumerate(self.clusters):
            if cluster.poll() is not None:
                self.clusters[place] = clusters.start(dict(os.environ))

    def kill(self, cluster: Cluster, role: str) -> bool:
        """One process in this role, or "main", or "everybody"; False if nobody has it at this moment."""
        if role in {"main", "everybody"}:
            doomed = psutil.Process(cluster.pid)
        elif candidates := clusters.those(cluster, role):
            # The one that sends, rather than the one that waits.
            doomed = max(candidates, key=lambda one: clusters.is_talking_to(one, port()))
        else:
            return False
        self.killed |= relatives(doomed)
        clusters.kill_all(cluster) if role == "everybody" else doomed.kill()
        return True

    def stop(self) -> None:
        """All must end as they should, and leave nobody behind."""
        # One that has just been started does not listen to signals yet.
        stage.wait_until(lambda: all(map(clusters.is_complete, self.clusters)), "all clusters are at work")
        families = [one for cluster in self.clusters for one in clusters.family(cluster)]
        for cluster in self.clusters:
            cluster.send_signal(signal.SIGTERM)
        for cluster in self.clusters:
            if code := cluster.wait(timeout=60):
                raise Broken(f"A cluster that was told to stop ended with {code}.")
        if left := [one.pid for one in families if clusters.is_alive(one)]:
            raise Broken(f"Processes outlived their cluster: {left}.")

    def end(self) -> None:
        for cluster in self.clusters:
            clusters.end(cluster)


def relatives(process: psutil.Process) -> set[int]:
    """Whoever dies with it."""
    with suppress(psutil.NoSuchProcess):
        return {process.pid, *(child.pid for child in process.children(recursive=True))}
    return set()


def port() -> int:
    return int(os.environ["MAILERS"].rpartition(":")[2].partition("?")[0])


@dataclass(frozen=True)
class Verdict:
    lost: int
    doubled: int
    uncertain: int
    in_doubt: int
    trouble: list[str]

    @classmethod
    def of(cls, people: int, killed: set[int], most_in_doubt: int) -> Verdict:
        """From the book of the far end and the rows, which know nothing of each other."""
        taken = stage.taken()
        status = dict(Delivery.objects.values_list("email", "status"))
        numbers = dict(Delivery.objects.filter(status="uncertain").values_list("email", "pk"))
        settled = Counter(status.values())
        never_came = [email for email, one in status.items() if one == "sent" and email not in taken]
        unrecorded = [email for email in taken if status.get(email) not in {"sent", "uncertain"}]
        explained = witness.windows_of(killed) & set(numbers.values())
        sums = reports.ledger(Campaign.objects.get())
        trouble = {
            f"planned {sums.planned} of {people}": sums.planned != people,
            f"the sum is wrong: {sums}": not sums.adds_up or sums.waiting,
            f"somebody failed or was skipped: {dict(settled)}": settled.keys() - {"sent", "uncertain"},
            f"taken, but not called sent: {unrecorded[:5]}": unrecorded,
            f"{sums.uncertain} in doubt are more than {most_in_doubt}": sums.uncertain > most_in_doubt,
        }
        return cls(
            lost=people - settled["sent"] - settled["uncertain"] + len(never_came),
            doubled=sum(taken.values()) - len(taken),
            uncertain=len(numbers),
            in_doubt=len(explained),
            trouble=[words for words, is_wrong in trouble.items() if is_wrong],
        )

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.trouble) and self.uncertain == self.in_doubt

    def __str__(self) -> str:
        return f"lost={self.lost} doubled={self.doubled} uncertain={self.uncertain} in_doubt={self.in_doubt}"
