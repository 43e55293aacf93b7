"""What every case needs, and nothing of any domain: steps by a table, states with their own words, what is told."""
