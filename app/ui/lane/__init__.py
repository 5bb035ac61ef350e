"""The window of the self-service lane: large, calm, three steps, and no way to anything else."""
