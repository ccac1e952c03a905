"""Changes of a restaurant's plan: asked for by partners, decided by operators, acting on the next request."""
