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
K = TypeVar("K")

MOST = 1024
"""Results kept of one function; the oldest goes first, so that memory stays flat."""


def per_scan(work: Callable[Concatenate[Acquisition, P], T]) -> Callable[Concatenate[Acquisition, P], T]:
    """Keep what a function returns for a scan and its other arguments, by their whole values.

    The key is the text of every field and argument, so that 5 and 5.0, or 0.0 and -0.0, are not the same; the
    arguments are numbers, texts or nodes of the tree. A scan with parameters of a vendor's file, which hold
    objects of any kind, is worked out each time. What is returned is shared and must not be changed.
    """
    known: dict[bytes, T] = {}

    @wraps(work)
    def found(scan: Acquisition, /, *args: P.args, **named: P.kwargs) -> T:
        if scan.vendor:
            return work(scan, *args, **named)
        key = digest(scan) + repr((args, named)).encode("utf-8", "surrogatepass")
        return kept(known, key, lambda: work(scan, *args, **named))

    return found


def kept(known: dict[K, T], key: K, make: Callable[[], T]) -> T:
    """Return what is known by a key, or make it and keep it in place of the oldest."""
    if key not in known:
        made = make()
        while len(known) >= MOST:
            known.pop(next(iter(known)), None)
        known[key] = made
    return known[key]


_digests: dict[int, tuple[ref[Acquisition], bytes]] = {}


def digest(scan: Acquisition) -> bytes:
    """Digest the text of every field of a scan, those of its vendor's file left out, once while it lives."""
    place = id(scan)
    known = _digests.get(place)
    if known is None or known[0]() is not scan:
        fields = {**vars(scan), "vendor": None}
        text = repr(fields).encode("utf-8", "surrogatepass")
        known = ref(scan, lambda _: _digests.pop(place, None)), sha256(text).digest()
        _digests[place] = known
    return known[1]


_scans: dict[str, Acquisition] = {}


def scan_of(values: Mapping[str, Any]) -> Acquisition:
    """Return the scan of some values; the same values, read the same way, are one object."""
    if "vendor" in values:
        return Acquisition(**values)
    key = repr(values)
    return kept(_scans, key, lambda: Acquisition(**values))
