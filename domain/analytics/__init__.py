"""Figures over business dates, and records partners write themselves."""
