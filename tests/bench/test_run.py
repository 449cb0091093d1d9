"""The bench itself runs to its end, and says in its README what each of its figures is."""

import os
import re
import subprocess
import sys

import pytest

from bench.rig import ROOT

README = (ROOT / "bench" / "README.md").read_text(encoding="utf-8")
RATIO = re.compile(r"^ratio: (\w+) ([0-9.]+)$", re.MULTILINE)
NAMED = re.compile(r"""report\.(?:ratio|most)\("(\w+)\"""")


def test_each_figure_of_the_bench_is_explained() -> None:
    sources = (ROOT / "bench" / "parts").glob("*.py")
    names = {name for source in sources for name in NAMED.findall(source.read_text(encoding="utf-8"))}

    assert "cpu_us" in names
    assert {name for name in names if f"`{name}`" not in README} == set()


@pytest.mark.services
@pytest.mark.xdist_group("servers")
def test_a_short_run_prints_its_figures() -> None:
    command = [sys.executable, "-m", "bench", "--only", "snapshot", "--rounds", "1", "--readers", "50"]
    environment = os.environ | {"SINK": "own"}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    figures = dict(RATIO.findall(done.stdout))
    assert {"snapshot_rows_per_s", "worker_mb", "worker_growth_mb"} <= figures.keys()
    assert all(float(figure) >= 0 for figure in figures.values())
