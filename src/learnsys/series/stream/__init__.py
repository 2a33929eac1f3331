"""Endless input: rolling statistics with bounded state, and alarms."""
