"""Sign-ups as in production: mail goes through the queue to a real server."""

from tests.campaigns.outgoing.conftest import queue as queue
