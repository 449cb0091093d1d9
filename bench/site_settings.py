"""The settings of production, with the addresses of those who are measured beside us."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.site"
