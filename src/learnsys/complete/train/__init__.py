"""Training: streams of files, the loop, checkpoints."""
