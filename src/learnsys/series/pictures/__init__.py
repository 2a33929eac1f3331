"""Pictures of results, a file a kind."""
