"""Alerts on their way to people: channels, what is owed to each of them, and the log of what became of it."""
