"""Bytes to what a GE protocol consists of, and back: archives, sessions, series."""
