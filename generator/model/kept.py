"""Work on a scan, or on all steps of an exam, that is done once for all protocols that hold the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import ref

from generator.model.tree import Acquisition, Node, Step

P = ParamSpec("P")
S = TypeVar("S")
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
    return _kept(work, lambda scan: None if scan.vendor else digest(scan))


def per_steps(
    work: Callable[Concatenate[tuple[Step, ...], P], T],
) -> Callable[Concatenate[tuple[Step, ...], P], T]:
    """Keep what a function returns for the steps of an exam in their order, as :func:`per_scan`."""
    return _kept(work, digest_of_steps)


def _kept(
    work: Callable[Concatenate[S, P], T], digest_of: Callable[[S], bytes | None]
) -> Callable[Concatenate[S, P], T]:
    known: dict[bytes, T] = {}

    @wraps(work)
    def found(about: S, /, *args: P.args, **named: P.kwargs) -> T:
        own = digest_of(about)
        if own is None:
            return work(about, *args, **named)
        key = own + repr((args, named)).encode("utf-8", "surrogatepass")
        return kept(known, key, lambda: work(about, *args, **named))

    return found


def kept(known: dict[K, T], key: K, make: Callable[[], T]) -> T:
    """Return what is known by a key, or make it and keep it in place of the oldest."""
    if key not in known:
        made = make()
        while len(known) >= MOST:
            known.pop(next(iter(known)), None)
        known[key] = made
    return known[key]


_digests: dict[int, tuple[ref[Step], bytes]] = {}


def digest(step: Step) -> bytes:
    """Digest the text of every field of a step, those of its vendor's file left out, once while it lives."""
    place = id(step)
    known = _digests.get(place)
    if known is None or known[0]() is not step:
        fields = {**vars(step), "vendor": None}
        text = repr(fields).encode("utf-8", "surrogatepass")
        return _noted(step, sha256(text).digest())
    return known[1]


def _noted(step: Step, own: bytes) -> bytes:
    place = id(step)
    _digests[place] = ref(step, lambda _: _digests.pop(place, None)), own
    return own


def with_vendor(scan: Acquisition, vendor: Mapping[str, Any]) -> Acquisition:
    """Return a scan with parameters of a vendor's file; what is kept of it is kept of both."""
    made = scan.model_copy(update={"vendor": vendor})
    _noted(made, digest(scan))
    return made


def digest_of_steps(steps: tuple[Step, ...]) -> bytes | None:
    """Digest steps in their order; ``None`` where a scan has parameters of a vendor's file."""
    if any(isinstance(step, Acquisition) and step.vendor for step in steps):
        return None
    return sha256(b"".join(map(digest, steps))).digest()


_steps: dict[tuple[type[Node], str], Any] = {}


def step_of(model: type[Node], values: Mapping[str, Any]) -> Any:
    """Return the step of some values; the same values, read the same way, are one object."""
    if "vendor" in values:
        return model(**values)
    return kept(_steps, (model, repr(values)), lambda: model(**values))
