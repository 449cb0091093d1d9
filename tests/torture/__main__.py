"""`make torture`: a throw-away PostgreSQL, a far end that notes each mail, two clusters, and what is done to them."""

from __future__ import annotations

import random
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from tests.services import ServiceUnavailable, postgresql
from tests.torture.stage import perform, sink

# A kill should meet a cluster that has begun to work again, more often than not.
SECONDS_A_KILL = 3


def main() -> int:
    parser = ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=1, help="campaigns, each with so many kills")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="repeats an earlier run")
    chosen = parser.parse_args()
    print(f"seed={chosen.seed}")
    return max(run(chosen.people, chosen.kills, chosen.seed + number) for number in range(chosen.rounds))


def run(people: int, kills: int, seed: int) -> int:
    with tempfile.TemporaryDirectory(prefix="broadsheet-torture-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # PostgreSQL's own user must be able to pass through.
        folder.chmod(0o755)
        with postgresql(folder) as database, sink(folder, people / SECONDS_A_KILL / max(kills, 1)) as settings:
            return perform("torment", [str(people), str(kills), str(seed)], settings | {"DATABASE_URL": database})


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ServiceUnavailable as missing:
        sys.exit(str(missing))
