"""The two verbs of a dialect's tests: what was written is read back, and nothing is lost in silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from generator import vendors
from generator.model.fields import field_table
from generator.model.tree import Acquisition, Loss, Protocol, Target
from generator.vendors import account
from generator.vendors.dialect import BuildOptions, Export

# Facts of the spec that no export format is asked to carry: they say what a scan is for.
BOOKKEEPING = {
    "kind",
    "definition",
    "role",
    "optional",
    "vendor",
    "instruction",
    "coverage",
    "plane_reference",
}


def write_export(export: Export, folder: Path) -> Path:
    """Write the files of an export below ``folder``."""
    for name, content in export.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def same(wanted: Any, got: Any) -> bool:
    """Say whether two values are equal to within the digits that consoles store."""
    if isinstance(wanted, (list, tuple)) and isinstance(got, (list, tuple)):
        return len(wanted) == len(got) and all(map(same, wanted, got))
    if isinstance(wanted, (int, float)) and isinstance(got, (int, float)) and not isinstance(wanted, bool):
        return abs(wanted - got) <= 1e-6 * max(1.0, abs(wanted))
    return bool(wanted == got)


def differences(
    wanted: Acquisition,
    got: Acquisition,
    losses: Iterable[Loss],
    ignore: Iterable[str] = (),
    off: Mapping[str, Any] | None = None,
) -> list[str]:
    """List the fields that a round trip changed and that no loss speaks of.

    Every field the spec states must come back equal, or be named by a loss of that step (then the value
    read back must be the one the loss says was written).
    """
    told = {loss.field: loss for loss in losses}
    found = []
    for name in field_table(Acquisition):
        value = getattr(wanted, name)
        if name in BOOKKEEPING or name in ignore or value is None:
            continue
        back = getattr(got, name)
        if back is None and off and name in off and off[name] == value:
            continue
        loss = told.get(name)
        expected = value if loss is None else loss.got
        if loss is not None and loss.kind == "unsupported":
            continue
        if not same(expected, back):
            found.append(f"{wanted.name}: {name}: wrote {expected!r}, read {back!r}")
    return found


def assert_translates(
    protocol: Protocol,
    target: Target,
    options: BuildOptions,
    read_path: Any,
    ignore: Iterable[str] = (),
    off: Mapping[str, Any] | None = None,
) -> None:
    """Build, read back, compare: the same tree, or losses that say what is not.

    Parameters
    ----------
    read_path : callable
        Takes the Export, writes it somewhere and returns the path to read.
    off : mapping of str to value, optional
        What a series does that says nothing of a field: wanted so, it may come back empty.
    """
    dialect = vendors.get(target.vendor)
    export = account.build(dialect, protocol, target, options)
    result = dialect.read(read_path(export))
    assert len(result.protocols) == 1
    got = result.protocols[0].acquisitions
    wanted = [(i, s) for i, s in enumerate(protocol.steps) if isinstance(s, Acquisition)]
    assert len(got) == len(wanted), f"{len(wanted)} acquisitions written, {len(got)} read"
    found: list[str] = []
    for (index, step), back in zip(wanted, got, strict=True):
        own = [loss for loss in export.losses if loss.step == index]
        if any(loss.field is None and loss.kind == "unsupported" for loss in own):
            continue  # a stand-in, which is nothing of the step
        found += differences(step, back, own, ignore, off)
    assert not found, "\n".join(found)
