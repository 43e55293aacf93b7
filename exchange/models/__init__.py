"""Outbox and deliveries, endpoints and subscriptions, clients that call us."""

from .clients import ApiClient, IdempotencyRecord
from .endpoints import AllowedTarget, Endpoint, EndpointChange, Subscription
from .outbox import Delivery, DeliveryAttempt, OutboxEvent, Receipt

__all__ = [
    "AllowedTarget",
    "ApiClient",
    "Delivery",
    "DeliveryAttempt",
    "Endpoint",
    "EndpointChange",
    "IdempotencyRecord",
    "OutboxEvent",
    "Receipt",
    "Subscription",
]
