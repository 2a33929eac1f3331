"""One harness for every model: what it said about each token, and what that is worth."""
