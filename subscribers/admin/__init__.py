"""The staff's view of subscribers."""
