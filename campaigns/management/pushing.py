"""Pulls tasks from the broker, also after it was away."""

from __future__ import annotations

import logging
import time
from multiprocessing.queues import Queue
from typing import Any

from django_q.brokers import Broker, get_broker
from django_q.pusher import pusher

from campaigns.delivery.lockfree import Flag

AWAY_SECONDS = 1.0

logger = logging.getLogger(__name__)


def push(tasks: Queue[Any], is_closing: Flag) -> None:
    pusher(tasks, is_closing, PatientBroker(get_broker()))


class PatientBroker:
    """Of what a broker does only what the pusher asks; it would sleep through the first seconds of a new one."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.is_away = False

    @property
    def list_key(self) -> str:
        return str(self.broker.list_key)

    def dequeue(self) -> list[tuple[Any, str]] | None:
        try:
            tasks: list[tuple[Any, str]] | None = self.broker.dequeue()
        except Exception as error:
            if not self.is_away:
                logger.error("The queue is away: %s", error)
            self.is_away = True
            time.sleep(AWAY_SECONDS)
            return None
        if self.is_away:
            logger.info("The queue is back.")
        self.is_away = False
        return tasks

    def fail(self, task: Any) -> None:
        self.broker.fail(task)
