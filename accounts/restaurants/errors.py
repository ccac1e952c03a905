"""Refusals about restaurant groups."""

from kit.errors import Conflict


class RestaurantsTaken(Conflict):
    code, title = "restaurants_taken", "The restaurant group belongs to another organisation"
