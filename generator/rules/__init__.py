"""Checks: simple bounds are data, structure and order are small functions; both yield findings."""
