"""What happens by itself at an instant: durable timers of the restaurant, on its own clock, and tasks on real time."""
