"""The embedded benchmark: small real programs, run in shapes of one host."""
