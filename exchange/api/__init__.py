"""The exchange over the API: endpoints, deliveries, change feed, receipts (contract.md; product.md D)."""
