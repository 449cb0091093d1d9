"""Where measured mail goes: servers that take everything, and a wire that is long."""
