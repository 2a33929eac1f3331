"""Stories that need more than one room: planning a job on its data, and the tour."""
