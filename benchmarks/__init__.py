"""Measurements that run alone: each module says its one-line usage. Nothing of the platform imports them."""
