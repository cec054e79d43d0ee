"""The kitchen sink: one protocol with every step kind, technique and field, for every dialect's golden."""

from __future__ import annotations

from pathlib import Path

from generator.model.tree import Protocol, Target
from generator.spec.load import load

KITCHEN_SINK = Path(__file__).resolve().parent.parent / "specs" / "kitchen-sink.yaml"


def kitchen_sink(target: Target) -> Protocol:
    """Load the kitchen sink and resolve it for a target."""
    return load(KITCHEN_SINK).resolve(target).protocol
