"""Opening an account: what signing up makes of people, organisations, applications and keys."""
