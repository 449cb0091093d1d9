"""The staff's view of campaigns."""
