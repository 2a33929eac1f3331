"""Corpora from registries: pinned packages, filters, duplicates, splits by package."""
