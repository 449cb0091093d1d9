"""From a due campaign to a ledger that adds up."""
