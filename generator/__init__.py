"""Compiler for MR exam cards."""

__version__ = "0.1.0"
