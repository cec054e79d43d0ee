"""Fitting a protocol to a time budget: the least harmful changes that keep every rule."""

from __future__ import annotations

from generator.fit.fitting import Fit, fit

__all__ = ["Fit", "fit"]
