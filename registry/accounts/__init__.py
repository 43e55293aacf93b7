"""How an institution gets its account, invites its people and parts with them."""
