"""Small helpers for messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Return the known word that was probably meant, or ``None`` if none is near."""
    names = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), names, n=1, cutoff=likeness)
    return names[near[0]] if near else None


def clock(seconds: float) -> str:
    """Write a duration as ``m:ss``, rounded to whole seconds (``295.5`` is ``4:56``)."""
    whole = int(seconds + 0.5)
    return f"{whole // 60}:{whole % 60:02d}"


def counted(number: int, noun: str) -> str:
    """Write a number of things: ``1 card``, ``2 cards``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
