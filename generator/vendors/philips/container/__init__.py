"""Bytes to vendor document and back, lossless."""
