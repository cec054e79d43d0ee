"""In which fields two steps differ, and what the difference matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from generator.model.fields import field_table
from generator.model.tolerance import near, same
from generator.model.tree import Acquisition, Step

Severity = Literal["image", "time", "bookkeeping", "vendor", "raster"]
"""What a difference matters: it changes the image, the time alone, neither, or nobody but the vendor knows;
``raster`` is no more than two consoles' rounding."""

SEVERITIES: tuple[Severity, ...] = ("image", "time", "bookkeeping", "vendor", "raster")

NOT_COMPARED = frozenset({"kind", "definition", "vendor"})
"""What step it is, where its definition is, and parameters that have no neutral meaning."""

BOOKKEEPING = frozenset({
    "name", "role", "optional", "instruction", "station", "branch", "body_part", "coverage",
    "plane_reference", "text", "table_position", "output_maps", "source",
})  # fmt: skip
"""Names, labels and instructions: the images stay what they are."""

TIME = frozenset({
    "acquisition_duration", "concatenations", "duration", "number_of_volumes_discarded_by_scanner",
})  # fmt: skip
"""What changes the time of a scan and not what it shows."""

_ONE_IS_OFF = frozenset({
    "parallel_reduction_factor_in_plane", "parallel_reduction_factor_out_of_plane", "multiband_factor",
    "compressed_sensing_factor", "partial_fourier_phase", "partial_fourier_slice", "interpolation",
    "number_of_averages", "concatenations", "number_of_slabs", "number_of_temporal_positions",
})  # fmt: skip

_OWN_WORDS = frozenset({
    "gradient_mode", "specific_absorption_rate_mode", "receive_coils", "deep_learning_reconstruction",
})  # fmt: skip
"""As a console shows them: the words of one vendor say nothing beside those of another."""

_SHOWN = {
    "repetition_time": ("repetition_time_preparation", "repetition_time_excitation"),
    "flip_angle": ("refocusing_flip_angle",),
}
"""Fields as the console shows them, and what they may be: the cycle or the excitations of a prepared scan,
the excitation or the refocusing angle of a train."""

_OPEN_WORDS = {"plane": "oblique", "flow_compensation": "yes"}
"""Words of the vocabulary for a file that says no more: not one of the main planes, some compensation."""

_SILENCE_SPEAKS = frozenset({"inversion_time", "second_inversion_time"})
"""Fields that are empty because there is nothing of the kind, in every format that states the family."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How far the two sides can be held against each other.

    Attributes
    ----------
    exact : bool
        Both are of one vendor, format and release, or both specs: nothing is explained by a raster.
    complete : bool
        Both are of one vendor and format: what one states and the other does not is a difference.
    one_vendor : bool
        Both are of one vendor: words and the repetition time of prepared scans mean the same.
    vendor_parameters : bool
        Whether parameters without neutral meaning are compared, of two files of one vendor.
    """

    exact: bool = False
    complete: bool = False
    one_vendor: bool = True
    vendor_parameters: bool = False


OPEN = Terms(one_vendor=False)
"""Nothing is known of the two sides."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not the same on both sides; ``None`` = not stated there."""

    name: str
    a: Any
    b: Any
    severity: Severity


@dataclass(frozen=True, slots=True)
class Found:
    """What holding two steps against each other gave.

    Attributes
    ----------
    compared : tuple of str
        Fields that both state.
    only_a, only_b : tuple of str
        Fields that one side alone states, where that is no difference: the other's format may not hold them.
    """

    differences: tuple[Difference, ...] = ()
    compared: tuple[str, ...] = ()
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()


def compare_steps(a: Step, b: Step, terms: Terms = OPEN, unknown: frozenset[str] = frozenset()) -> Found:
    """Hold two steps of one kind against each other, field by field, in canonical units.

    Parameters
    ----------
    unknown : frozenset of str
        Fields that a reader found but could not say: where they are empty they are not known.
    """
    differences, compared = list[Difference](), list[str]()
    alone: tuple[list[str], list[str]] = ([], [])
    for name in _names(a, b, terms):
        one, other = getattr(a, name), getattr(b, name)
        if one is None and other is None:
            continue
        if one is not None and other is not None and _OPEN_WORDS.get(name) in (one, other) and one != other:
            alone[one == _OPEN_WORDS[name]].append(name)
        elif one is not None and other is not None:
            compared.append(name)
            if not same(*_known(one, other)) and not _both_null_fat(name, a, b):
                differences.append(Difference(name, one, other, severity(name, one, other, terms)))
        elif name not in unknown and _silence_counts(name, a, b, terms):
            if not is_off(name, one if other is None else other):
                differences.append(Difference(name, one, other, severity(name, one, other, terms)))
        else:
            alone[one is None].append(name)
    if terms.vendor_parameters and isinstance(a, Acquisition) and isinstance(b, Acquisition):
        differences += _verbatim(a.vendor, b.vendor)
    return Found(tuple(differences), tuple(compared), tuple(alone[0]), tuple(alone[1]))


def _names(a: Step, b: Step, terms: Terms) -> Iterator[str]:
    """Fields whose values mean the same on both sides."""
    left_out = NOT_COMPARED if terms.one_vendor else NOT_COMPARED | _OWN_WORDS | _shown_otherwise(a, b)
    left_out |= frozenset() if terms.complete else {"optional"}  # which no vendor's file says
    return (name for name in field_table(type(a)) if name not in left_out)


def _shown_otherwise(a: Step, b: Step) -> frozenset[str]:
    """What consoles show of several physical fields, where both sides state one of those."""
    return frozenset(
        shown
        for shown, physical in _SHOWN.items()
        if any(getattr(a, name, None) and getattr(b, name, None) for name in physical)
    )


def _known(one: Any, other: Any) -> tuple[Any, Any]:
    """Fill the open entries of a list with those of the other: what one does not state is no difference."""
    if not (isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other)):
        return one, other
    pairs = [(y if x is None else x, x if y is None else y) for x, y in zip(one, other, strict=True)]
    return tuple(x for x, _ in pairs), tuple(y for _, y in pairs)


def _both_null_fat(name: str, a: Step, b: Step) -> bool:
    """Whether both null fat by a short inversion, which consoles call STIR, or say with the TI alone."""
    times = [getattr(step, "inversion_time", None) for step in (a, b)]
    words = {getattr(step, "fat_suppression", None) for step in (a, b)}
    short = all(time is not None and time <= _LONGEST_STIR for time in times)
    return name == "fat_suppression" and short and words == {"none", "stir"}


_LONGEST_STIR = 300.0
"""Fat is null below 200 ms at 1.5 T and 260 ms at 3 T (T1 of fat below 400 ms); grey matter beyond 600 ms."""


def _silence_counts(name: str, a: Step, b: Step, terms: Terms) -> bool:
    if terms.complete:
        return True
    families = {getattr(step, "technique", None) for step in (a, b)}
    return name in _SILENCE_SPEAKS and len(families) == 1 and not families & {None, "other"}


def is_off(name: str, value: Any) -> bool:
    """Say whether a value says no more than that there is nothing of the kind."""
    if isinstance(value, tuple):
        return all(part == 0 for part in value)
    return value in (False, "none", {}) or value == (1 if name in _ONE_IS_OFF else 0)


def severity(name: str, a: Any, b: Any, terms: Terms = OPEN) -> Severity:
    """Say what a difference matters."""
    if not terms.exact and a is not None and b is not None and near(name, *_known(a, b)):
        return "raster"
    return "time" if name in TIME else "bookkeeping" if name in BOOKKEEPING else "image"


def _verbatim(a: Mapping[str, Any], b: Mapping[str, Any], path: str = "vendor") -> Iterator[Difference]:
    for key in sorted(a.keys() | b.keys()):
        one, other = a.get(key), b.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _verbatim(one, other, f"{path}.{key}")
        elif one != other:
            yield Difference(f"{path}.{key}", one, other, "vendor")
