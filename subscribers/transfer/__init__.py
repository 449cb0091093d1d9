"""Moves people between spreadsheets and the database."""
