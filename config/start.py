"""The first step of every process: read the settings, or say in one line which one is wrong."""

import importlib
import os
import sys

from django.core.exceptions import ImproperlyConfigured

# Gunicorn stops for good when a worker leaves with this code; any other makes it try for ever.
CANNOT_START = 3


def load_settings() -> None:
    module = os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        importlib.import_module(module)
    except ImproperlyConfigured as wrong:
        print(f"Broadsheet cannot start: {wrong}", file=sys.stderr)
        sys.exit(CANNOT_START)
