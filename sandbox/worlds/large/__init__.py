"""The large world: the standard one and what is needed to reach the limits of paging."""
