"""Filing: what the operator and the reviewer wait for."""
