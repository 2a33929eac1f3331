"""Code that a model makes up: sampled token by token, in brackets that match and lines that parse."""
