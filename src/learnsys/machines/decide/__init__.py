"""From predictions to a machine, a next reference, a policy."""
