"""Webhook endpoints, subscriptions, deliveries and attempts."""
