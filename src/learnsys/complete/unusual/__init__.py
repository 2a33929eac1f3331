"""What is unusual in a file: how surprising each token is, and where another name would be far likelier."""
