"""The acts of the demo run only where their mail is caught."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Campaign
from subscribers.models import Subscriber


@pytest.mark.django_db
def test_nothing_happens_where_no_catcher_keeps_the_mail(tmp_path: Path, settings: object) -> None:
    settings.MAILBOX_DIR = None  # type: ignore[attr-defined]

    with pytest.raises(CommandError, match="MAILBOX_DIR"):
        call_command("rehearse", str(tmp_path / "readers.xlsx"))

    assert not Subscriber.objects.exists()
    assert not Campaign.objects.exists()
