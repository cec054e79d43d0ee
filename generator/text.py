"""Small helpers for texts: numbers out of them, words for messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

MOST = 1e15
"""Beyond this no number is a quantity; products of such numbers would leave the range of a float."""


def quantity(raw: Any) -> float:
    """Return a value or a text as a number, of a size that quantities have.

    Raises
    ------
    ValueError
        For whatever else it is; nothing else is raised.
    """
    try:
        value = float(raw)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"{raw!r:.40} is no number") from error
    if not -MOST < value < MOST:
        raise ValueError(f"{raw!r:.40} is no number that a quantity has")
    return value


def bounded(raw: Any) -> float:
    """Return a value or a text as a number; one beyond what quantities have as the bound itself.

    For what is held against the ranges of :mod:`generator.model.plausible` later, which names it.

    Raises
    ------
    ValueError
        For whatever is no number.
    """
    try:
        value = float(raw)
    except OverflowError:
        value = MOST
    except TypeError as error:
        raise ValueError(f"{raw!r:.40} is no number") from error
    if value != value:
        raise ValueError("not a number")
    return max(-MOST, min(value, MOST))


def seconds(hours: str | None, minutes: str | None, rest: str | None) -> float:
    """Return a printed time in seconds; parts that are missing count nothing."""
    return 3600 * bounded(hours or 0) + 60 * bounded(minutes or 0) + bounded(rest or 0)


def number(raw: Any) -> float | None:
    """Return a value or a text as a number, ``None`` for whatever else it is."""
    try:
        return quantity(raw)
    except ValueError:
        return None


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
