"""Logs go to standard error, one line each, for whatever keeps the process."""

from typing import Any


def logging(level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # django-q2 adds a handler of its own, so its lines would otherwise appear twice.
            "django-q": {"level": level, "propagate": False, "handlers": ["stderr"]},
            "django": {"level": level, "propagate": False, "handlers": ["stderr"]},
            "django.utils.autoreload": {"level": "WARNING"},
        },
    }
