"""Catalogues and offline benchmarks, read from where their owners publish them."""
