"""Samples of processes whose covariances are known, at irregular times."""
