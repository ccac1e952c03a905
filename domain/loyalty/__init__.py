"""Programs, tiers, members, the points ledger and rewards."""
