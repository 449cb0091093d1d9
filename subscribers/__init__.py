"""People, the lists they are on, and what they agreed to."""
