"""The loss account: what an export does not say as the spec wanted it, found by reading the export back.

No dialect files its own losses. It writes, and leaves *reasons* where it knows that a value cannot come
back; :func:`settle` reads the files with the dialect's own reader, compares them with the protocol field by
field and files every difference. One without a reason is filed with :data:`NO_REASON` and fails the tests.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isclose
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.model import words
from generator.model.fields import field_table
from generator.model.tree import Acquisition, Loss, Protocol, Target

if TYPE_CHECKING:
    from generator.vendors.dialect import BuildOptions, Dialect, Export

NO_REASON = "no reason is recorded"

_NOT_COMPARED = frozenset({"kind", "definition", "role", "optional", "instruction"})
"""Fields that say what a scan is for, not how it is scanned; no vendor's file holds them."""

RASTER: Mapping[str | None, tuple[float, float]] = {
    "ms": (0.05, 0.01),
    "s": (1.0, 0.01),
    "deg": (0.5, 0.01),
    "mm": (0.05, 0.02),
    "Hz/px": (0.5, 0.05),
    "s/mm2": (1.0, 0.01),
    "Hz": (1.0, 0.01),
    "factor": (0.05, 0.0),
    None: (0.005, 0.005),
}
"""By unit, how far (absolute, relative) a console's raster may move a value: within it a loss is ``rounded``,
beyond it ``approximated``. The wide one is the bandwidth: consoles step the dwell time, at high bandwidths by
5 %. Acceleration factors have one decimal on most consoles, other numbers without unit are shares; counts are
exact."""

_FACTORS = frozenset({
    "parallel_reduction_factor_in_plane", "parallel_reduction_factor_out_of_plane",
    "compressed_sensing_factor",
})  # fmt: skip

_EXACT = 1e-6
"""Relative difference of one number stored in 32 bits and in 64."""

_BY_FIELD: Mapping[str, words.LossSeverity] = {
    "acquisition_duration": "time",
    "concatenations": "time",
    "number_of_shots": "derived",
    "echo_spacing": "derived",
    "echo_train_duration": "derived",
    "name": "operator",
    "coverage": "operator",
    "plane_reference": "operator",
    "output_maps": "operator",
    "vendor": "operator",
    "text": "operator",
    "gradient_mode": "operator",
    "specific_absorption_rate_mode": "operator",
    "table_position": "operator",
    "receive_coils": "operator",
    "patient_position": "operator",
    "software": "operator",
    "body_part": "operator",
    "laterality": "operator",
    "station": "operator",
    "branch": "operator",
}
"""Severity of a field where it is not ``image``."""


def severity_of(name: str | None, kind: words.LossKind) -> words.LossSeverity:
    """Say how much a loss matters.

    Returns
    -------
    str
        ``derived`` for what the console's raster or arithmetic decides, ``time`` for the scan time,
        ``operator`` for what is set by hand anyway, ``image`` for everything else.
    """
    known = _BY_FIELD.get(name or "", "image")
    return "derived" if kind == "rounded" and known == "image" else known


@dataclass(slots=True)
class Reasons:
    """What a dialect knows about its export beside the files: why values may not come back.

    Attributes
    ----------
    known : mapping of str to str
        By field, the reason that holds for every scan of this vendor.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    by_step: dict[tuple[int | None, str], str] = field(default_factory=dict)
    doubts: dict[tuple[int | None, str], str] = field(default_factory=dict)
    computed: set[tuple[int | None, str]] = field(default_factory=set)
    needless: set[tuple[int | None, str]] = field(default_factory=set)
    further: list[Loss] = field(default_factory=list)

    def at(self, step: int | None, name: str | None = None) -> StepReasons:
        """Return the collector of one step."""
        return StepReasons(self, step, name)

    def why(self, step: int | None, name: str, text: str) -> None:
        """Say why a field may not come back as wanted."""
        self.by_step[step, name] = text

    def doubt(self, step: int | None, name: str, text: str) -> None:
        """Say why what was written is not certain: a loss (approximated) even if it comes back."""
        self.doubts[step, name] = text

    def derived(self, step: int | None, name: str) -> None:
        """Say that the console computes a field and its file need not hold it: no loss if it is missing."""
        self.computed.add((step, name))

    def implied(self, step: int | None, name: str) -> None:
        """Say that the scan does what is wanted without a key for it: no loss if it is missing."""
        self.needless.add((step, name))

    def reason(self, step: int | None, name: str) -> str:
        """Return the reason of a field: that of the step, a doubt, that of the vendor, or NO_REASON."""
        own = self.by_step.get((step, name)) or self.doubts.get((step, name))
        return own or self.known.get(name) or NO_REASON


@dataclass(frozen=True, slots=True)
class StepReasons:
    """The reasons of one step."""

    all: Reasons
    step: int | None
    step_name: str | None = None

    def why(self, name: str, text: str) -> None:
        """See :meth:`Reasons.why`."""
        self.all.why(self.step, name, text)

    def doubt(self, name: str, text: str) -> None:
        """See :meth:`Reasons.doubt`."""
        self.all.doubt(self.step, name, text)

    def derived(self, name: str) -> None:
        """See :meth:`Reasons.derived`."""
        self.all.derived(self.step, name)

    def implied(self, name: str) -> None:
        """See :meth:`Reasons.implied`."""
        self.all.implied(self.step, name)

    def add(
        self,
        kind: words.LossKind,
        name: str | None,
        text: str,
        *,
        wanted: Any = None,
        got: Any = None,
        severity: words.LossSeverity | None = None,
    ) -> None:
        """File a loss that no comparison of fields can find, such as a value a template had to invent."""
        self.all.further.append(
            make(kind, name, text, self.step, self.step_name, wanted=wanted, got=got, severity=severity)
        )


def make(
    kind: words.LossKind,
    name: str | None,
    text: str,
    step: int | None,
    step_name: str | None,
    *,
    wanted: Any = None,
    got: Any = None,
    severity: words.LossSeverity | None = None,
) -> Loss:
    """Make a loss, its severity by field and kind where none is given."""
    return Loss(
        kind=kind,
        severity=severity or severity_of(name, kind),
        reason=text,
        step=step,
        step_name=step_name,
        field=name,
        wanted=wanted,
        got=got,
    )


# --- comparing ----------------------------------------------------------------------------------------


def same(wanted: Any, got: Any) -> bool:
    """Say whether two values are equal but for binary noise; an open entry (``None``) asks nothing."""
    if isinstance(wanted, (tuple, list)) and isinstance(got, (tuple, list)):
        pairs = zip(wanted, got, strict=False)
        return len(wanted) == len(got) and all(a is None or same(a, b) for a, b in pairs)
    if _is_number(wanted) and _is_number(got):
        return isclose(wanted, got, rel_tol=_EXACT, abs_tol=_EXACT)
    return bool(wanted == got)


def near(name: str, wanted: Any, got: Any) -> bool:
    """Say whether two values of a field differ by no more than the raster of its unit, see RASTER."""
    known = field_table(Acquisition).get(name)
    if known is None or (known.type is int and name != "acquisition_matrix"):
        return same(wanted, got)
    kind = "factor" if name in _FACTORS else known.unit
    absolute, relative = RASTER[kind] if known.type is float else (1, 0.02)

    def within(a: Any, b: Any) -> bool:
        if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
            return len(a) == len(b) and all(x is None or within(x, y) for x, y in zip(a, b, strict=True))
        if _is_number(a) and _is_number(b):
            return bool(abs(a - b) <= max(absolute, relative * abs(a)) * (1 + _EXACT))
        return bool(a == b)

    return within(wanted, got)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def compare(
    wanted: Acquisition, got: Mapping[str, Any], reasons: Reasons, step: int | None = None
) -> Iterator[Loss]:
    """File a loss for every stated field of a scan that does not come back unchanged.

    Parameters
    ----------
    got : mapping of str to Any
        Fields that the dialect's reader finds in what was written.
    """
    for name in field_table(Acquisition):
        value = getattr(wanted, name)
        if value is None or name in _NOT_COMPARED:
            continue
        if name == "vendor":
            yield from _verbatim(wanted, got, reasons, step)
        elif found := _difference(name, value, got.get(name), reasons, step):
            kind, text, grade = found
            yield make(kind, name, text, step, wanted.name, wanted=value, got=got.get(name), severity=grade)


_Verdict = tuple[words.LossKind, str, words.LossSeverity | None]


def _difference(name: str, wanted: Any, got: Any, reasons: Reasons, step: int | None) -> _Verdict | None:
    doubt, text = reasons.doubts.get((step, name)), reasons.reason(step, name)
    computed = (step, name) in reasons.computed
    if same(wanted, got):
        return ("approximated", doubt, None) if doubt else None
    if got is None:
        known = computed or (step, name) in reasons.needless
        return None if known else ("unsupported", text, None)
    grade: words.LossSeverity | None = "derived" if computed else None
    if near(name, wanted, got):
        return "rounded", text if text != NO_REASON else "the raster of the console", grade
    return "approximated", text, grade


def _verbatim(
    wanted: Acquisition, got: Mapping[str, Any], reasons: Reasons, step: int | None
) -> Iterator[Loss]:
    """One loss that names the vendor parameters missing in the export; their values may be a site's own."""
    there = got.get("vendor") or {}
    lost = sorted(str(key) for key, value in wanted.vendor.items() if there.get(key) != value)
    if lost and (step, "vendor") not in reasons.needless:
        known = reasons.by_step.get((step, "vendor")) or reasons.known.get("vendor")
        text = known or "parameters of a vendor's file that this export does not hold"
        yield make("unsupported", "vendor", text, step, wanted.name, wanted=lost)


# --- the whole export ---------------------------------------------------------------------------------


def settle(dialect: Dialect, protocol: Protocol, export: Export) -> Export:
    """Read an export back and file its losses.

    Raises
    ------
    UnusableInput
        If the dialect cannot read what it wrote, which is a fault of the dialect.
    """
    if getattr(dialect, "files_own_losses", False):  # until every dialect leaves reasons only
        return export
    back = read_back(dialect, export)
    reasons = export.reasons
    pairs = export.origins if export.origins is not None else align(protocol, back)
    written: dict[int, int] = {origin: index for index, origin in enumerate(pairs) if origin is not None}
    found: list[Loss] = []
    for index, step in enumerate(protocol.steps):
        there = back.steps[written[index]] if index in written else None
        if isinstance(step, Acquisition) and isinstance(there, Acquisition):
            found += compare(step, dict(there), reasons, index)
        elif there is None and (index, "kind") not in reasons.needless:
            found.append(_missing(step, index, reasons))
    losses = tuple(_once([*export.losses, *reasons.further, *found]))
    return replace(export, losses=losses, origins=tuple(pairs), back=back)


def _missing(step: Any, index: int, reasons: Reasons) -> Loss:
    """File a step that is not in the export at all, or only as a remark."""
    doubt = reasons.doubts.get((index, "kind"))
    grade: words.LossSeverity = "image" if step.kind in ("acquisition", "contrast") else "operator"
    name = getattr(step, "name", None)
    text = reasons.reason(index, "kind")
    kind: words.LossKind = "approximated" if doubt else "unsupported"
    return make(kind, None, text, index, name, wanted=step.kind, severity=grade)


def _once(losses: Iterable[Loss]) -> Iterator[Loss]:
    """Losses in step order, each once."""
    said: set[str] = set()
    for loss in sorted(losses, key=lambda one: -1 if one.step is None else one.step):
        if (key := repr(loss)) not in said:
            said.add(key)
            yield loss


def read_back(dialect: Dialect, export: Export) -> Protocol:
    """Read the protocol of an export with the dialect's own reader, from memory where it can."""
    from generator.vendors.dialect import ReadsMemory

    if isinstance(dialect, ReadsMemory):
        return _protocol(dialect.read_files(export.files).protocols)
    with tempfile.TemporaryDirectory(prefix="examcard-") as folder:
        for name, content in export.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return _protocol(dialect.read(card_of(dialect, Path(folder), export)).protocols)


def card_of(dialect: Dialect, folder: Path, export: Export) -> Path:
    """Find the file of an export to read: the one the dialect names, else the first that it recognises."""
    if export.card is not None:
        return folder / export.card
    for name, content in export.files.items():
        if dialect.sniff(folder / name, content[:4096]):
            return folder / name
    raise ValueError(
        f"{dialect.vendor} recognises none of the files that it wrote: {', '.join(export.files)}"
    )


def _protocol(found: Sequence[Protocol]) -> Protocol:
    if len(found) != 1:
        raise ValueError(f"an export holds one protocol, this one {len(found)}")
    return found[0]


def align(protocol: Protocol, back: Protocol) -> tuple[int | None, ...]:
    """Find for every step that was read the step that it was written for.

    Steps of one kind are paired in order where there are as many as were wanted; else by name, in order.

    Returns
    -------
    tuple of int or None
        Index into ``protocol.steps`` for each of ``back.steps``; ``None`` for a step that the dialect added.
    """
    found: dict[int, int] = {}
    for kind in dict.fromkeys(step.kind for step in back.steps):
        wanted = [i for i, step in enumerate(protocol.steps) if step.kind == kind]
        got = [i for i, step in enumerate(back.steps) if step.kind == kind]
        in_order = len(wanted) == len(got)
        for index in got:
            name = getattr(back.steps[index], "name", None)
            match = next(
                (i for i in wanted if in_order or getattr(protocol.steps[i], "name", None) == name), None
            )
            if match is not None:
                found[index] = match
                wanted = wanted[wanted.index(match) + 1 :]
    return tuple(found.get(index) for index in range(len(back.steps)))


def build(dialect: Dialect, protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write a resolved protocol and file what the export lost; raises what :meth:`Dialect.build` does."""
    return settle(dialect, protocol, dialect.build(protocol, target, options))
