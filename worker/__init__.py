"""The RQ edge: deliveries, exports, timers, and the supervisor that runs every process of one machine."""
