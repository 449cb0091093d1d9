"""One measurement in a process of its own: `python -m bench.worker bench.send.ours 4` prints its figures."""

from __future__ import annotations

import json
import sys

import django
from django.utils.module_loading import import_string

from bench.memory import held_mb


def main(work: str, *numbers: str) -> None:
    django.setup()
    idle = held_mb()
    print(json.dumps({"idle_mb": idle, **import_string(work)(*map(int, numbers))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
