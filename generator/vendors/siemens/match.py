"""Which step of a donor a scan is made from: same sequence, same preparation, then the most alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.siemens import ascconv, graph
from generator.vendors.siemens.audit import stated
from generator.vendors.siemens.block import same
from generator.vendors.siemens.derive import derive


@dataclass(frozen=True)
class Candidate:
    """A measurement step of a donor with the neutral values of its protocol.

    Attributes
    ----------
    why_not : str or None
        Why no rule is known by which its values could be changed: compressed sensing, wave encoding, ...
    """

    name: str
    program: graph.Node
    node: graph.Node
    protocol: graph.Node
    fields: dict[str, Any]
    version: int
    binary: str
    why_not: str | None = None

    @property
    def family(self) -> str:
        """Technique, dimension and preparation, for messages."""
        words = str(self.fields.get("technique")).replace("_", " ")
        inverted = "with inversion" if self.fields.get("inversion_time") is not None else ""
        return " ".join(filter(None, [words, self.fields.get("mr_acquisition_type"), inverted]))


def candidates(tree: graph.Tree) -> list[Candidate]:
    """Every measurement step of every program, in exam order."""
    found = []
    for _, program in graph.programs(tree):
        for step in graph.steps(tree, program):
            if step.node.kind == "EdfMeasurementStep":
                found += _candidate(tree, program, step.node)
    return found


def _candidate(tree: graph.Tree, program: graph.Node, node: graph.Node) -> list[Candidate]:
    protocol = next(iter(tree.children(node, "EdfProtocol")), None)
    if protocol is None:
        return []
    try:
        fields, p = derive(ascconv.parse(str(tree.document(protocol).get("Data", ""))))
    except ascconv.NoProtocol:
        return []
    why_not = None if p.trusted else p.why_not or f"sequence {p.binary!r}"
    return [Candidate(tree.name(node), program, node, protocol, fields, p.version, p.binary, why_not)]


def choose(a: Acquisition, donors: Sequence[Candidate]) -> Candidate | None:
    """The best donor step for a scan, or ``None`` if none is of its sequence and preparation."""
    fit = [c for c in donors if _fits(a, c) and not left_aside(a, c)]
    return max(fit, key=lambda c: _likeness(a, c), default=None)


def left_aside(a: Acquisition, c: Candidate) -> str | None:
    """Why a step that fits is not used: values would change, and no rule is known to hold for them."""
    if c.why_not is None or all(same(value, c.fields.get(name)) for name, value in stated(a)):
        return None
    return f"{c.name!r} ({c.why_not})"


def aside(a: Acquisition, donors: Sequence[Candidate]) -> list[str]:
    """Steps that fit a scan but are not used, with the reason."""
    return [why for c in donors if _fits(a, c) and (why := left_aside(a, c))]


def _fits(a: Acquisition, c: Candidate) -> bool:
    if a.mr_acquisition_type and a.mr_acquisition_type != c.fields.get("mr_acquisition_type"):
        return False
    return _same_sequence(a, c) and preparation(a) == _preparation(c)


def _same_sequence(a: Acquisition, c: Candidate) -> bool:
    technique = c.fields.get("technique")
    plain = ("gradient_echo", "multi_echo_gradient_echo")
    return a.technique == technique or (a.technique in plain and technique in plain and c.binary == "gre")


def preparation(a: Acquisition) -> str:
    """Preparation that a scan asks for: none, one inversion, or two."""
    if a.technique in ("mp2rage", "arterial_spin_labelling"):
        return "own"
    return (
        "double"
        if a.second_inversion_time is not None
        else "single"
        if a.inversion_time is not None
        else "none"
    )


def _preparation(c: Candidate) -> str:
    f = c.fields
    if f.get("technique") in ("mp2rage", "arterial_spin_labelling"):
        return "own"
    if f.get("second_inversion_time") is not None:
        return "double"
    return "single" if f.get("inversion_time") is not None else "none"


_WEIGHTS = {
    "technique": 8.0,
    "plane": 4.0,
    "magnetization_transfer": 2.0,
    "fat_suppression": 2.0,
    "phase_encoding_direction": 1.0,
    "parallel_reduction_factor_in_plane": 0.5,
    "multiband_factor": 2.0,
    "diffusion_directions": 2.0,
    "acquisition_matrix": 0.25,
}
_SCALED = {"repetition_time": 1.0, "inversion_time": 1.0, "slice_thickness": 2.0, "number_of_slices": 0.5}


def _likeness(a: Acquisition, c: Candidate) -> float:
    """How alike a scan and a step are; the first of equals wins, so the choice is stable."""
    score = sum(
        w for name, w in _WEIGHTS.items() if _stated(a, name) and _stated(a, name) == c.fields.get(name)
    )
    for name, weight in {**_SCALED, "echo_times": 1.0}.items():
        score += weight * _closeness(_first(_stated(a, name)), _first(c.fields.get(name)))
    equal = sum(same(_stated(a, n), v) for n, v in c.fields.items() if v is not None)
    return score + 0.2 * equal + (3.0 if a.name.casefold() == c.name.casefold() else 0.0)


def _stated(a: Acquisition, name: str) -> Any:
    return getattr(a, name)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and value else value


def _closeness(one: Any, other: Any) -> float:
    if not isinstance(one, (int, float)) or not isinstance(other, (int, float)) or not (one and other):
        return 0.0
    return float(min(one, other) / max(one, other))
