"""Models of code in PyTorch, for training; the editor runs them without it."""
