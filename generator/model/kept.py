"""Work on a scan that is done once, however many protocols hold the same scan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import ref

from generator.model.tree import Acquisition, Node, Step

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")

MOST = 1024
"""Results kept of one function; the oldest goes first, so that memory stays flat."""


def per_scan(work: Callable[Concatenate[Acquisition, P], T]) -> Callable[Concatenate[Acquisition, P], T]:
    """Keep what a function returns for a scan and its other arguments, by their whole values.

    The key is the text of every field and argument, so that 5 and 5.0, or 0.0 and -0.0, are not the same; the
    arguments are numbers, texts or nodes of the tree. A scan with parameters of a vendor's file, which hold
    objects of any kind, is worked out each time. What is returned is shared and must not be changed.
    """
    return _kept(work, lambda scan: None if scan.vendor else digest(scan))


def per_steps(
    work: Callable[Concatenate[tuple[Step, ...], P], T],
) -> Callable[Concatenate[tuple[Step, ...], P], T]:
    """Keep what a function returns for the steps of an exam in their order, as :func:`per_scan`."""
    return _kept(work, digest_of_steps)


def _kept(
    work: Callable[Concatenate[S, P], T], key_of: Callable[[S], bytes | None]
) -> Callable[Concatenate[S, P], T]:
    kept: dict[bytes, T] = {}

    @wraps(work)
    def found(about: S, /, *args: P.args, **named: P.kwargs) -> T:
        own = key_of(about)
        if own is None:
            return work(about, *args, **named)
        key = own + repr((args, named)).encode("utf-8", "surrogatepass")
        if key in kept:
            return kept[key]
        made = work(about, *args, **named)
        while len(kept) >= MOST:
            kept.pop(next(iter(kept)), None)
        kept[key] = made
        return made

    return found


_digests: dict[int, tuple[ref[Step], bytes]] = {}


def digest(step: Step) -> bytes:
    """Digest the text of every field of a step, once as long as that very object lives."""
    place = id(step)
    known = _digests.get(place)
    if known is None or known[0]() is not step:
        text = repr(vars(step)).encode("utf-8", "surrogatepass")
        known = ref(step, lambda _: _digests.pop(place, None)), sha256(text).digest()
        _digests[place] = known
    return known[1]


def digest_of_steps(steps: Iterable[Step]) -> bytes | None:
    """Digest steps in their order; ``None`` where a scan has parameters of a vendor's file."""
    own = [None if isinstance(step, Acquisition) and step.vendor else digest(step) for step in steps]
    return None if None in own else sha256(b"".join(filter(None, own))).digest()


_steps: dict[tuple[type[Node], str], Any] = {}


def step_of(model: type[Node], values: Mapping[str, Any]) -> Any:
    """Return the step of some values; the same values, read the same way, are one object."""
    if "vendor" in values:
        return model(**values)
    key = model, repr(values)
    found = _steps.get(key)
    if found is None:
        while len(_steps) >= MOST:
            _steps.pop(next(iter(_steps)), None)
        found = _steps[key] = model(**values)
    return found
