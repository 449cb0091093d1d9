"""Mails as pages: for whoever got one, and for everybody in the archive of a list."""
