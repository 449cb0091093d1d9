"""Three clusters, PostgreSQL and Redis, and one misfortune after the other."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.torture import stage
from tests.torture.servers import lasting_postgresql

# It brings its own servers, because it kills them. A group goes first, since nothing else takes so long.
pytestmark = [pytest.mark.services, pytest.mark.xdist_group("servers")]

PEOPLE, PACE = 3000, 150


def test_a_campaign_finishes_by_itself_whatever_of_its_clusters_and_servers_fails(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with TemporaryDirectory(prefix="broadsheet-outage-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # PostgreSQL's own user must be able to pass through.
        folder.chmod(0o755)
        with lasting_postgresql(folder) as database, stage.sink(folder, PACE) as settings:
            code = stage.perform("outage", [str(PEOPLE), str(folder)], settings | {"DATABASE_URL": database})

    told = capfd.readouterr().out
    assert code == 0, told
    assert "lost=0 doubled=0" in told
