"""The loss account: what an export does not say as the spec wanted it, found by reading the export back.

No dialect files its own losses. It writes, and leaves *reasons* where it knows that a value cannot come
back; :func:`settle` reads the files with the dialect's own reader, compares them with the protocol field by
field and files every difference. One without a reason is filed with :data:`NO_REASON` and fails the tests.
"""

from __future__ import annotations

import tempfile
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from generator.model import words
from generator.model.fields import field_table
from generator.model.kept import digest, kept
from generator.model.tolerance import RASTER, near, same
from generator.model.tree import Acquisition, Loss, Protocol, ReadResult, Target
from generator.vendors.dialect import (
    NO_REASON,
    BuildOptions,
    Dialect,
    Export,
    ReadsMemory,
    Reasons,
    StepReasons,
    make,
    severity_of,
    speaks,
)

__all__ = [
    "NO_REASON", "RASTER", "Reasons", "StepReasons", "align", "build", "card_of", "compare", "make", "near",
    "read_back", "same", "settle", "severity_of",
]  # fmt: skip

_NOT_COMPARED = frozenset({"kind", "definition", "role", "optional", "instruction"})
"""Fields that say what a scan is for, not how it is scanned; no vendor's file holds them."""


def compare(
    wanted: Acquisition, got: Mapping[str, Any], reasons: Reasons, step: int | None = None
) -> Iterator[Loss]:
    """File a loss for every stated field of a scan that does not come back unchanged.

    Parameters
    ----------
    got : mapping of str to Any
        Fields that the dialect's reader finds in what was written.
    """
    stated, doubts = vars(wanted), reasons.of[step].doubts
    for name in _compared():
        value = stated[name]
        if value is None or (value == got.get(name) and name not in doubts):
            continue
        if name == "vendor":
            yield from _verbatim(wanted, got, reasons, step)
        elif found := _difference(name, value, got.get(name), reasons, step):
            kind, text, grade = found
            yield make(kind, name, text, step, wanted.name, wanted=value, got=got.get(name), severity=grade)


@cache
def _compared() -> tuple[str, ...]:
    return tuple(name for name in field_table(Acquisition) if name not in _NOT_COMPARED)


_Verdict = tuple[words.LossKind, str, words.LossSeverity | None]


def _difference(name: str, wanted: Any, got: Any, reasons: Reasons, step: int | None) -> _Verdict | None:
    about = reasons.of[step]
    if wanted == got or same(wanted, got):
        doubt = about.doubts.get(name)
        return ("approximated", doubt, None) if doubt else None
    text, computed = reasons.reason(step, name), name in about.computed
    if got is None:
        known = computed or name in about.needless
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
    if lost and "vendor" not in reasons.of[step].needless:
        known = reasons.of[step].whys.get("vendor") or reasons.known.get("vendor")
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
    result = read_back(dialect, export)
    back = _protocol(result.protocols)
    reasons = export.reasons
    pairs = export.origins if export.origins is not None else align(protocol, back)
    written: dict[int, int] = {origin: index for index, origin in enumerate(pairs) if origin is not None}
    found: list[Loss] = []
    for index, step in enumerate(protocol.steps):
        there = back.steps[written[index]] if index in written else None
        if isinstance(step, Acquisition) and isinstance(there, Acquisition):
            found += _of_scan(step, there, reasons, index, dialect.vendor)
        elif there is None and "kind" not in reasons.of[index].needless:
            found.append(_missing(step, index, reasons))
    losses = tuple(_once([*export.losses, *reasons.further, *found]))
    return replace(export, losses=losses, origins=tuple(pairs), back=back, software=result.software)


_known: dict[Hashable, tuple[Loss, ...]] = {}


def _of_scan(
    wanted: Acquisition, back: Acquisition, reasons: Reasons, step: int, vendor: str
) -> tuple[Loss, ...]:
    """Compare a scan with what was read; the same two, with the same reasons, only once."""
    if wanted.vendor:
        return tuple(compare(wanted, vars(back), reasons, step))
    key = vendor, digest(wanted), digest(back), step, reasons.of[step].value
    return kept(_known, key, lambda: tuple(compare(wanted, vars(back), reasons, step)))


def _missing(step: Any, index: int, reasons: Reasons) -> Loss:
    """File a step that is not in the export at all, or only as a remark."""
    doubt = reasons.of[index].doubts.get("kind")
    grade: words.LossSeverity = "image" if step.kind in ("acquisition", "contrast") else "operator"
    name = getattr(step, "name", None)
    text = reasons.reason(index, "kind")
    kind: words.LossKind = "approximated" if doubt else "unsupported"
    return make(kind, None, text, index, name, wanted=step.kind, severity=grade)


def _once(losses: Iterable[Loss]) -> Iterator[Loss]:
    """Losses in step order, each once."""
    said: set[str] = set()
    for loss in sorted(losses, key=lambda one: -1 if one.step is None else one.step):
        if (key := repr(vars(loss))) not in said:
            said.add(key)
            yield loss


def read_back(dialect: Dialect, export: Export) -> ReadResult:
    """Read an export with the dialect's own reader, from memory where it can."""
    if speaks(type(dialect), ReadsMemory):
        return cast(ReadsMemory, dialect).read_files(export.files)
    with tempfile.TemporaryDirectory(prefix="examcard-") as folder:
        for name, content in export.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return dialect.read(card_of(dialect, Path(folder), export))


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
