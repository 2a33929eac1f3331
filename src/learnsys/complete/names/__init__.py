"""What to call this: declared variables and routines of a finished file, and better names for them."""
