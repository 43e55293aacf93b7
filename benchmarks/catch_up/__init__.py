"""A receiver that was down for ten days comes back."""
