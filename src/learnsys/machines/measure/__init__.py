"""Fingerprint a command: run it under measurement."""
