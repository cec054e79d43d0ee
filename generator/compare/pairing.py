"""Which step of one protocol is which of another: by name, role, order and alikeness.

The engine knows two lists and how alike their entries are. Entries that are surely the same are paired
first, in order where they can be, else wherever they are; then those that are less sure.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from math import exp, log
from typing import Any

from generator.model.tree import Acquisition, Protocol, Step

SURE, ALIKE = 1.0, 0.72
"""Alikeness from which two entries are paired: of one name, which is sure, or of another; found on protocols
that one network has for several scanners, where scans that are not each other's reach 0.7."""

Alikeness = Callable[[int, int], float]


@dataclass(frozen=True, slots=True)
class Match:
    """Two entries that belong together, by their indices.

    Attributes
    ----------
    moved : bool
        Whether it is not in the order of the others; of two that changed places one moved.
    """

    a: int
    b: int
    moved: bool = False


def pair_steps(a: Sequence[Step], b: Sequence[Step], only_ones: bool = False) -> list[Match]:
    """Pair the steps of two protocols.

    Parameters
    ----------
    only_ones : bool
        Whether scans that are each the only one belong together whatever they are.

    Returns
    -------
    list of Match
        In the order of ``a``; steps that are in none were added or removed.
    """
    only = only_ones and all(sum(isinstance(step, Acquisition) for step in side) == 1 for side in (a, b))

    def alike(i: int, j: int) -> float:
        both = isinstance(a[i], Acquisition) and isinstance(b[j], Acquisition)
        return SURE if only and both else alikeness(a[i], b[j])

    return match(len(a), len(b), alike)


def pair_protocols(a: Sequence[Protocol], b: Sequence[Protocol]) -> list[Match]:
    """Pair the protocols of two files by name and steps; an only one belongs to the one most like it."""
    if len(a) == 1 or len(b) == 1:
        common = {(i, j): len(pair_steps(x.steps, y.steps)) for i, x in enumerate(a) for j, y in enumerate(b)}
        return [
            Match(*max(common, key=lambda pair: (common[pair], _protocols_alike(a[pair[0]], b[pair[1]]))))
        ]
    return match(len(a), len(b), lambda i, j: _protocols_alike(a[i], b[j]))


def match(length_a: int, length_b: int, alike: Alikeness) -> list[Match]:
    """Pair the entries of two lists, the surest pairs first.

    Parameters
    ----------
    alike : callable
        Two indices to how alike the entries are: at least SURE for those of one name, at least ALIKE for
        what may be the same under another name, the more the more alike.
    """
    scores = {(i, j): alike(i, j) for i in range(length_a) for j in range(length_b)}
    found: dict[int, int] = {}
    for level, only_best in ((SURE, True), (SURE, False), (ALIKE, True), (ALIKE, False)):
        pairs = {pair: score for pair, score in scores.items() if score >= level}
        pairs = _best(pairs) if only_best else pairs
        for pair in (*_in_order(pairs), *_anywhere(pairs)):
            if pair[0] not in found and pair[1] not in found.values():
                found[pair[0]] = pair[1]
        scores = {(i, j): s for (i, j), s in scores.items() if i not in found and j not in found.values()}
    return _with_moves(sorted(found.items()))


_AS_GOOD = 0.02


def _best(pairs: dict[tuple[int, int], float]) -> dict[tuple[int, int], float]:
    """Keep the pairs of which neither entry has a better one."""
    best: dict[tuple[int, int], float] = {}
    for pair, score in pairs.items():
        for side in enumerate(pair):
            best[side] = max(best.get(side, 0.0), score)
    return {
        p: score for p, score in pairs.items() if score >= max(map(best.__getitem__, enumerate(p))) - _AS_GOOD
    }


def _in_order(pairs: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """Choose pairs that keep the order of both lists and are most alike in sum."""
    rows, columns = (sorted({pair[side] for pair in pairs}) for side in (0, 1))
    best = [[0.0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    for y, i in enumerate(rows, 1):
        for x, j in enumerate(columns, 1):
            with_both = best[y - 1][x - 1] + pairs[i, j] if (i, j) in pairs else 0.0
            best[y][x] = max(best[y - 1][x], best[y][x - 1], with_both)
    return list(_back(rows, columns, best))


def _back(rows: list[int], columns: list[int], best: list[list[float]]) -> Iterator[tuple[int, int]]:
    y, x = len(rows), len(columns)
    while y and x:
        if best[y][x] == best[y - 1][x]:
            y -= 1
        elif best[y][x] == best[y][x - 1]:
            x -= 1
        else:
            y, x = y - 1, x - 1
            yield rows[y], columns[x]


def _anywhere(pairs: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """List pairs, the most alike first, of equals those that are nearest in place."""
    return sorted(pairs, key=lambda pair: (-pairs[pair], abs(pair[0] - pair[1]), pair))


def _with_moves(pairs: list[tuple[int, int]]) -> list[Match]:
    kept = _longest_rising([j for _, j in pairs])
    return [Match(i, j, moved=j not in kept) for i, j in pairs]


def _longest_rising(values: Sequence[int]) -> set[int]:
    """Return the entries of a longest rising part of a sequence of different numbers (patience sorting)."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for value in values:
        place = bisect_left(tails, value)
        before[value] = tails[place - 1] if place else None
        tails[place : place + 1] = [value]
    found, last = set[int](), tails[-1] if tails else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found


# --- alikeness ----------------------------------------------------------------------------------------


def alikeness(a: Step, b: Step) -> float:
    """Say how alike two steps are: 0 to 1 by what they are, and SURE more if they have one name."""
    if isinstance(a, Acquisition) and isinstance(b, Acquisition):
        return _scans_alike(a, b)
    if a.kind != b.kind:
        return 0.0
    same = _text(a) == _text(b)
    # An injection is one whatever its agent; an instruction is another one if its words are others.
    return SURE + same if same or a.kind == "contrast" else _shared(words(_text(a)), words(_text(b)))


def _text(step: Any) -> str:
    return " ".join(str(getattr(step, name, None) or "") for name in ("text", "agent", "source", "plane"))


_WORDS = (
    ("role", 3.0), ("technique", 4.0), ("mr_acquisition_type", 2.0), ("plane", 2.0), ("laterality", 2.0),
    ("station", 2.0), ("branch", 2.0), ("fat_suppression", 1.0), ("magnetization_transfer", 3.0),
)  # fmt: skip
_NUMBERS = (
    ("repetition_time", 1.0), ("slice_thickness", 1.0), ("number_of_slices", 0.5), ("flip_angle", 1.0),
)  # fmt: skip
_NAME, _INVERSIONS, _ECHO = 3.0, 2.0, 3.0


@lru_cache(maxsize=8192)
def _names_alike(one: str, other: str) -> float:
    """Half by shared words, half by letters: ``GRE-T1w`` is rather ``GRE T1`` than ``GRE MT``."""
    letters = SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()
    return (_shared(words(one), words(other)) + float(letters)) / 2


def _scans_alike(a: Acquisition, b: Acquisition) -> float:
    """Mean over what both state, each with its weight."""
    parts = list(_parts(a, b))
    found = sum(weight * share for weight, share in parts) / sum(weight for weight, _ in parts)
    return found + SURE if a.name.casefold().split() == b.name.casefold().split() else found


def _parts(a: Acquisition, b: Acquisition) -> Iterator[tuple[float, float]]:
    yield _NAME, _names_alike(a.name, b.name)
    for name, weight in _WORDS:
        if None not in (both := (getattr(a, name), getattr(b, name))):
            yield weight, float(both[0] == both[1])
    for name, weight in _NUMBERS:
        if (one := getattr(a, name)) and (other := getattr(b, name)):
            yield weight, _near(one, other)
    yield _INVERSIONS, float(_inversions(a) == _inversions(b))
    if a.echo_times and b.echo_times:
        # Vendors count the echo time of a 3D train in different ways, by a factor of four at the most.
        scale = 4.0 if a.technique == "turbo_spin_echo" and a.mr_acquisition_type == "3D" else 1.0
        yield _ECHO, _near(a.echo_times[-1] or 1.0, b.echo_times[-1] or 1.0, scale)
    if a.b_values and b.b_values:
        yield _ECHO, _near(max(a.b_values) + 50, max(b.b_values) + 50)


def _near(one: float, other: float, scale: float = 1.0) -> float:
    """1 for equal numbers, 0.37 for a factor of 1.65."""
    return exp(-2 * abs(log(one / other)) / scale) if one > 0 and other > 0 else float(one == other)


def _inversions(scan: Acquisition) -> int:
    return sum(time is not None for time in (scan.inversion_time, scan.second_inversion_time))


def words(text: str) -> frozenset[str]:
    """Split a name into words, without case and marks: ``t2_tse-Sag`` is ``t2``, ``tse``, ``sag``."""
    return frozenset(re.findall(r"[^\W_]+", text.casefold()))


def _shared(one: Iterable[str], other: Iterable[str]) -> float:
    """Words in common, as a share of all."""
    first, second = set(one), set(other)
    return len(first & second) / len(first | second) if first | second else 1.0


def _protocols_alike(a: Protocol, b: Protocol) -> float:
    steps = _shared(_names(a), _names(b))
    if (a.path, a.name) == (b.path, b.name):
        return SURE + 1 + steps
    return SURE + steps if a.name == b.name else steps


def _names(protocol: Protocol) -> set[str]:
    return {scan.name.casefold() for scan in protocol.acquisitions}
