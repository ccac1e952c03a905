"""The one place that knows what each kind of timer does."""
