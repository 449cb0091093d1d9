"""Measures what Broadsheet does against what plain Django does, on one machine and in one run."""
