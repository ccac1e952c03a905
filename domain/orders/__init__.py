"""Orders: pricing, placing, state machine."""
