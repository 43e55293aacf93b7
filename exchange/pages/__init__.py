"""Pages of the exchange for both sides: overview, endpoints, delivery log, guide. They hold no rules."""
