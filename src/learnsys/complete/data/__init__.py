"""Tokens as numbers: vocabularies, encoded files, splits in memory."""
