"""Leaf primitives every layer may use. A closed list: a new module here needs a decision record in docs/adr."""
