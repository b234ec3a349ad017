"""How fast Parley is on this machine: each figure beside a plain baseline of the same run."""
