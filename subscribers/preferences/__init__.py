"""The page on which readers decide about themselves, whichever link opens it."""
