"""How an endpoint's requests look: one module for each dialect. They decide nothing about when or whether to send."""
