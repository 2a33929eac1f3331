"""The trained model at work in an editor: without PyTorch, one token at a time."""
