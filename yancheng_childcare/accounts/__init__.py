"""Accounts: how one is opened, signs in, proves itself a second time, changes, and ends its sessions."""
