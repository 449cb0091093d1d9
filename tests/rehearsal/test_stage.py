"""A demo gets a folder, ports and secrets of its own, and touches nothing else."""

import socket
from pathlib import Path

import pytest

from campaigns.rehearsal.stage import CannotStage, new_stage


def test_every_stage_is_empty_and_has_new_secrets(tmp_path: Path) -> None:
    with new_stage(tmp_path, 0) as first:
        (first.folder / "mailbox").mkdir()
        (first.folder / "mailbox" / "old.eml").touch()
        (first.folder / "broadsheet.sqlite3").touch()
        before = first.environment()

    with new_stage(tmp_path, 0) as second:
        assert [path.name for path in second.folder.iterdir()] == ["demo.lock"]
        assert second.environment()["SECRET_KEY"] != before["SECRET_KEY"]
        assert second.password != first.password


def test_a_folder_that_no_demo_made_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()

    with pytest.raises(CannotStage, match="no demo has made"), new_stage(tmp_path, 0):
        pass

    assert (tmp_path / "thesis.txt").exists()


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with new_stage(tmp_path, 0), pytest.raises(CannotStage, match="Another demo"), new_stage(tmp_path, 0):
        pass


def test_a_taken_port_is_named_before_anything_happens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotStage, match=f"Port {port} is taken"), new_stage(tmp_path / "demo", port):
            pass

    assert not (tmp_path / "demo").exists()


def test_the_developers_own_settings_do_not_reach_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("DATABASE_URL", "postgres://127.0.0.1:1/precious")

    with new_stage(tmp_path, 0) as stage:
        environment = stage.environment()

    assert "REDIS_URL" not in environment
    assert environment["DATABASE_URL"].startswith(f"sqlite:///{tmp_path}")
