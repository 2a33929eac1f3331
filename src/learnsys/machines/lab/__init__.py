"""Small real programs in shapes of one host, measured by this package."""
