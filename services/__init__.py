"""What runs: each loose file here is one process."""
