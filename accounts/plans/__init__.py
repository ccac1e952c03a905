"""Plan tiers: what each may do and how often."""
