"""Logs go to standard error, one line each, for whatever keeps the process."""

import re
from logging import Formatter, LogRecord
from typing import Any

ADDRESS = re.compile(r"[^\s<>\"'“”(),:;=\[\]]+@[\w-]+(\.[\w-]+)+")


class Discreet(Formatter):
    """Logs are kept where nobody can erase a person, so no line names an address, not even in an error's words."""

    def format(self, record: LogRecord) -> str:
        return ADDRESS.sub("…@…", super().format(record))


def logging(level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": Discreet, "fmt": "{asctime} {levelname} {name} {message}", "style": "{"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # django-q2 adds a handler of its own, so its lines would otherwise appear twice.
            "django-q": {"level": level, "propagate": False, "handlers": ["stderr"]},
            "django": {"level": level, "propagate": False, "handlers": ["stderr"]},
            "django.utils.autoreload": {"level": "WARNING"},
        },
    }
