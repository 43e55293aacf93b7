"""从业人员台账: one person city-wide, posts, papers, training, the gate before work (domain.md §9)."""
