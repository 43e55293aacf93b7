"""登记: what the registration authorities enter, change and end, one by one or by table, and who is told (domain.md §1)."""
