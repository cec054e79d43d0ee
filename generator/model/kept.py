"""Work on a scan that is done once, however many protocols hold the same scan."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec, TypeVar

from generator.model.tree import Acquisition

P = ParamSpec("P")
T = TypeVar("T")

MOST = 1024
"""Results kept of one function; the oldest goes first, so that memory stays flat."""


def per_scan(work: Callable[Concatenate[Acquisition, P], T]) -> Callable[Concatenate[Acquisition, P], T]:
    """Keep what a function returns for a scan and its other arguments, by their whole values.

    The key is the text of every field and argument, so that 5 and 5.0, or 0.0 and -0.0, are not the same; the
    arguments are numbers, texts or nodes of the tree. A scan with parameters of a vendor's file, which hold
    objects of any kind, is worked out each time. What is returned is shared and must not be changed.
    """
    kept: dict[bytes, T] = {}

    @wraps(work)
    def found(scan: Acquisition, /, *args: P.args, **named: P.kwargs) -> T:
        if scan.vendor:
            return work(scan, *args, **named)
        key = sha256(repr((vars(scan), args, named)).encode("utf-8", "surrogatepass")).digest()
        if key in kept:
            return kept[key]
        made = work(scan, *args, **named)
        while len(kept) >= MOST:
            kept.pop(next(iter(kept)), None)
        kept[key] = made
        return made

    return found
