"""The neutral tree: what a protocol is, whichever scanner runs it."""
