"""For users' tests and ours: a deterministic provider with faults on demand."""
