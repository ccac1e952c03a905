"""Export jobs and their schedules. Rows."""
