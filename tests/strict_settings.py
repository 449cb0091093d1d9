"""The settings of production on a host that insists on everything at once: HTTPS, slashes, a language."""

from config.settings import *  # noqa: F403

SECURE_SSL_REDIRECT = True
APPEND_SLASH = True
LANGUAGE_CODE = "de"
