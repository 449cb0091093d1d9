"""Dates and times where Django's own would be misread, or stand beside others of another kind."""
