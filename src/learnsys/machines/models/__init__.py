"""Predict time on every machine from runs on a few."""
