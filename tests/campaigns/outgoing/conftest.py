"""Mail of the application as it is sent in production: through the queue, to a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns.delivery import scene
from tests.catcher import Catcher


@pytest.fixture(autouse=True)
def queue(settings: object, tmp_path: Path, catcher: Catcher) -> None:
    settings.EMAIL_BACKEND = "campaigns.delivery.backend.EmailBackend"
    settings.MEDIA_ROOT = tmp_path
    settings.DEFAULT_FROM_EMAIL = "desk@example.org"
    scene.transport()
