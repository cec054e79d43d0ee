"""What is bound to one console is resolved, so that another one can be asked for the same images.

Each rule looks at one scan and yields what it changes and why. Nothing is taken over that only the first
console understands, and nothing is left out without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from generator.model.tree import Acquisition, Protocol, Step, Target
from generator.translate import physics
from generator.vendors.profile import profile

Kind = Literal["converted", "scaled", "operator"]
"""In the target's terms; for its field strength; to be set or confirmed by the operator."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that could not stay as it was.

    Attributes
    ----------
    step : int
        Index of the scan in the protocol that was read.
    field : str or None
        ``None`` for the scan as a whole.
    """

    step: int
    field: str | None
    before: Any
    after: Any
    why: str
    kind: Kind = "converted"


@dataclass(frozen=True, slots=True)
class Adapted:
    """A protocol in terms that the target understands.

    Attributes
    ----------
    origins : tuple of int
        For each step its index in the protocol that was read.
    """

    protocol: Protocol
    origins: tuple[int, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """From which scanner to which."""

    source: Target
    target: Target


Derived = tuple[str | None, Any, str, Kind]
Rule = Callable[[Acquisition, Way], Iterator[Derived]]

_CONSOLE_WORDS = {
    "receive_coils": "coils are the scanner's own",
    "gradient_mode": "the word of another console",
    "specific_absorption_rate_mode": "the word of another console",
    "deep_learning_reconstruction": "a product of another vendor",
    "table_position": "the table is moved for each patient",
}
"""Fields that only the console they come from understands, and why."""


LEFT_OUT = "calibrates the scanner it was made for; the target makes its own where it needs one"


def adapt(protocol: Protocol, way: Way) -> Adapted:
    """Resolve everything in a protocol that is bound to the scanner it was read from.

    Scans that calibrate a scanner are left out: each makes its own. Times of the source are dropped, since no
    console's time is another's.
    """
    steps, origins, changes = list[Step](), list[int](), list[Change]()
    for index, step in enumerate(protocol.steps):
        if isinstance(step, Acquisition):
            if is_calibration(step):
                changes.append(Change(index, None, step.name, None, LEFT_OUT))
                continue
            step, found = _scan(step, way, index)
            changes += found
        steps.append(step)
        origins.append(index)
    bare = {
        "steps": tuple(steps),
        "acquisition_duration": None,
        "field_strengths": (way.target.field_strength,),
    }
    return Adapted(protocol.model_copy(update=bare), tuple(origins), tuple(changes))


def is_calibration(scan: Acquisition) -> bool:
    """Whether a scan only prepares others."""
    return "calibration" in (scan.technique, scan.role)


def _scan(scan: Acquisition, way: Way, index: int) -> tuple[Acquisition, list[Change]]:
    now, changes = scan, list[Change]()
    for rule in RULES:
        for name, value, why, kind in rule(now, way):
            if name is None:
                changes.append(Change(index, None, None, value, why, kind))
            else:
                changes.append(Change(index, name, getattr(scan, name), value, why, kind))
                now = now.model_copy(update={name: value})
    bare: dict[str, Any] = {"vendor": {}, "acquisition_duration": None, "definition": None}
    if scan.technique not in physics.PREPARED and scan.repetition_time_excitation == scan.repetition_time:
        bare["repetition_time_excitation"] = None  # says the same as TR, of which there is one
    return now.model_copy(update=bare), changes


# --- rules, in the order in which they are applied ----------------------------------------------------


def _own_words(scan: Acquisition, way: Way) -> Iterator[Derived]:
    if way.source.vendor == way.target.vendor:
        return
    for name, why in _CONSOLE_WORDS.items():
        value = getattr(scan, name)
        if value not in (None, "none", ()):
            yield name, None, why, "operator"


def _technique(scan: Acquisition, way: Way) -> Iterator[Derived]:
    if scan.technique is None:
        yield "technique", "other", "the file names no family of sequences: choose the sequence", "operator"


def _open_side(scan: Acquisition, way: Way) -> Iterator[Derived]:
    """A field of view of which one side is known."""
    sides = scan.field_of_view
    if sides and sides[0] and not sides[1]:
        why = "the file does not say the size in phase direction; as large as in readout"
        yield "field_of_view", (sides[0], sides[0]), why, "operator"


def _slab(scan: Acquisition, way: Way) -> Iterator[Derived]:
    """Partitions, their thickness and the slab hang together; consoles show two of the three."""
    slab, thickness = scan.slab_thickness, scan.slice_thickness
    if scan.mr_acquisition_type != "3D" or not slab or not thickness:
        return
    if scan.number_of_slices is None:
        why = "the file does not say how many images are made of the slab; as many as partitions fill it"
        yield "number_of_slices", max(1, round(slab / thickness)), why, "operator"
    elif abs(scan.number_of_slices * thickness / slab - 1) > _OVERLAPPING:
        shown = slab / scan.number_of_slices
        yield (
            "slice_thickness",
            shown,
            "images overlap here: the slab over their number is their distance",
            "converted",
        )


_OVERLAPPING = 0.25
"""Share of the slab: GE leaves out partitions at its ends, overlapping images make twice as many."""


def _repetition(scan: Acquisition, way: Way) -> Iterator[Derived]:
    """Consoles show the cycle of a prepared gradient echo or its excitations; both are fields as well."""
    if scan.technique not in physics.PREPARED or scan.repetition_time is None:
        return
    shows_cycle = profile(way.source.vendor).shows_inversion_cycle
    name = "repetition_time_preparation" if shows_cycle else "repetition_time_excitation"
    what = "from one inversion to the next" if shows_cycle else "from one excitation to the next"
    if getattr(scan, name) is None:
        yield name, scan.repetition_time, f"the source shows the time {what} as TR", "converted"
    if profile(way.target.vendor).shows_inversion_cycle != shows_cycle:
        yield (
            "repetition_time",
            None,
            f"the source shows the time {what} as TR, the target the other one",
            "converted",
        )


def _cycle(scan: Acquisition, way: Way) -> Iterator[Derived]:
    """The inversion cycle of a scan whose file holds none follows from the time that its console showed."""
    if scan.technique not in physics.PREPARED or scan.repetition_time_preparation is not None:
        return
    if way.source.vendor == way.target.vendor:
        return
    if (cycle := physics.cycle_of(scan, way.source)) is not None:
        why = "not in the file: with this cycle the source takes the time that its console showed"
        yield "repetition_time_preparation", cycle, why, "operator"


def _acceleration(scan: Acquisition, way: Way) -> Iterator[Derived]:
    """Compressed sensing counts all acceleration at some vendors, at others it comes on top or is missing."""
    sensing = scan.compressed_sensing_factor or 1.0
    coils = scan.parallel_reduction_factor_in_plane or 1.0
    source, target = profile(way.source.vendor), profile(way.target.vendor)
    if sensing <= 1 or way.source.vendor == way.target.vendor:
        return
    known = target.rasters.compressed_sensing_factor
    if target.compressed_sensing_replaces_coils:
        if coils > 1:
            why = "one factor of compressed sensing for all acceleration"
            yield "compressed_sensing_factor", sensing * coils, why, "converted"
            yield (
                "parallel_reduction_factor_in_plane",
                1.0,
                "inside the factor of compressed sensing",
                "converted",
            )
    elif not known or source.compressed_sensing_replaces_coils:
        most = max(known, default=1.0)
        left = min(sensing, most)
        why = "no compressed sensing here" if not known else f"at most {most:g} here, on top of the coils"
        yield "compressed_sensing_factor", left, why, "operator"
        factor = _nearest(target.rasters.parallel_reduction_factor_in_plane, coils * sensing / left)
        if factor != coils:
            yield "parallel_reduction_factor_in_plane", factor, "in place of compressed sensing", "operator"


def _nearest(known: tuple[float, ...], wanted: float) -> float:
    return min((1.0, *known), key=lambda one: abs(one - wanted))


def _meanings(scan: Acquisition, way: Way) -> Iterator[Derived]:
    """Echo time of a 3D train and inversion time of a prepared train, as the target counts them."""
    if found := physics.echo_time_for(scan, way.source, way.target):
        yield "echo_times", found.value, found.why, "operator"
    if found := physics.inversion_time_for(scan, way.source, way.target):
        yield "inversion_time", found.value, found.why, "operator"
    if said := physics.inversion_doubt(scan, way.target):
        yield None, scan.inversion_time, said, "operator"


def _field(scan: Acquisition, way: Way) -> Iterator[Derived]:
    """Scale what depends on the field strength."""
    ratio = way.target.field_strength / way.source.field_strength
    if abs(ratio - 1) < _SAME_FIELD:
        return
    for name, value, why in physics.scaled(scan, way.source, way.target, ratio):
        yield name, value, why, "scaled"
    if ratio > 1 and scan.technique in physics.REFOCUSED:
        why = f"the same pulses deposit {ratio**2:.3g} times the power: expect smaller angles or a longer TR"
        yield None, None, why, "operator"


_SAME_FIELD = 0.05
"""1.494 T is a 1.5 T scanner."""


RULES: tuple[Rule, ...] = (
    _technique, _own_words, _open_side, _slab, _repetition, _cycle, _acceleration, _meanings, _field,
)  # fmt: skip
