"""Alerts: what detectors find in the stream of events, and the episodes that are told of it."""
