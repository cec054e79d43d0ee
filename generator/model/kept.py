"""Work on a scan that is done once, however many protocols hold the same scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import ref

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
        key = digest(scan) + repr((args, named)).encode("utf-8", "surrogatepass")
        if key in kept:
            return kept[key]
        made = work(scan, *args, **named)
        while len(kept) >= MOST:
            kept.pop(next(iter(kept)), None)
        kept[key] = made
        return made

    return found


_digests: dict[int, tuple[ref[Acquisition], bytes]] = {}


def digest(scan: Acquisition) -> bytes:
    """Digest the text of every field of a scan, once as long as that very object lives."""
    place = id(scan)
    known = _digests.get(place)
    if known is None or known[0]() is not scan:
        text = repr(vars(scan)).encode("utf-8", "surrogatepass")
        known = ref(scan, lambda _: _digests.pop(place, None)), sha256(text).digest()
        _digests[place] = known
    return known[1]


_scans: dict[str, Acquisition] = {}


def scan_of(values: Mapping[str, Any]) -> Acquisition:
    """Return the scan of some values; the same values, read the same way, are one object."""
    if "vendor" in values:
        return Acquisition(**values)
    key = repr(values)
    found = _scans.get(key)
    if found is None:
        while len(_scans) >= MOST:
            _scans.pop(next(iter(_scans)), None)
        found = _scans[key] = Acquisition(**values)
    return found
