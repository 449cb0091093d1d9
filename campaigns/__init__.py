"""Mail, and what became of it."""
