"""The standard world: thirteen locations in as many zones, with ninety days of history behind them and a busy day today.

What is written is the past, so nothing is announced. Every part of it is a function of the setting (seed and instant) alone,
so that parts can be built one after another, each in a transaction of its own, by whoever is there.
"""
