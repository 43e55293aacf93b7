"""Pages of registration and of the desks that see it. They hold no rules: services, querysets and ledgers do."""
