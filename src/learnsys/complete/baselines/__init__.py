"""What a model of code is to be compared with."""
