"""What readers and their mail programs answer to a mail."""
