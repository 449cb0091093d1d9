"""Kills, pauses and clock jumps while a campaign is sent, and what became of it."""
