"""What the room answers, one kind of result a file."""
