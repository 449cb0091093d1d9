"""Turns environment variables into a running Broadsheet."""
