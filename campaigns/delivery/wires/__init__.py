"""SMTP that does not wait: windows of mails go out on many connections at once, from one thread."""

from .backend import EmailBackend

__all__ = ["EmailBackend"]
