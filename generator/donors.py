"""The donor library: exports of a site's scanner, described once and remembered; the plan file to edit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator import __version__, memory
from generator.errors import CannotBuild, ExamcardError, UnusableInput, UsageError
from generator.model.fields import field_table
from generator.model.tree import Acquisition, Protocol, Target
from generator.vendors import opening
from generator.vendors.dialect import ChecksItself, Clones, Dialect
from generator.vendors.matching import BadPin, Candidate, Choice, Donor, Gaps, Pin, Plan, plan, stated
from generator.vendors.profile import profile

FORMAT_VERSION = 1
GAPS = "gaps.txt"
"""Sheet for the scans without a donor step, beside the card."""


# --- the library --------------------------------------------------------------------------------------


def library(dialect: Dialect, paths: Iterable[Path]) -> tuple[list[Donor], list[str]]:
    """Describe all exports of one vendor among files and folders.

    Returns
    -------
    donors, skipped
        In the order of the paths, folders by name; what was found in a folder and cannot be a donor, and why.

    Raises
    ------
    UnusableInput
        If a file named by the user is no export of this vendor, or damaged.
    UsageError
        If the dialect clones nothing.
    """
    cloning, donors, skipped = _cloning(dialect), [], []
    for path in paths:
        if _is_export(dialect, path):
            donors.append(_described(cloning, path))
        elif not path.is_dir():
            raise UnusableInput(path, f"not a protocol export of {dialect.vendor}")
        for inside in _exports(dialect, path):
            try:
                donors.append(_described(cloning, inside))
            except ExamcardError as error:
                skipped.append(str(error))
    unique = {donor.sha256: donor for donor in reversed(donors)}
    return list(reversed(unique.values())), skipped


def _cloning(dialect: Dialect) -> Clones:
    if not isinstance(dialect, Clones):
        raise UsageError(f"there is no donor mode for {dialect.vendor}: build without a donor")
    return dialect


def _is_export(dialect: Dialect, path: Path) -> bool:
    try:
        return bool(_format(dialect, path))
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    except Exception:  # what breaks the recognition breaks the reading too, which says of it what it can
        return True


def _format(dialect: Dialect, path: Path) -> str | None:
    head = b""
    if path.is_file():
        with path.open("rb") as stream:
            head = stream.read(4096)
    return dialect.sniff(path, head)


def _exports(dialect: Dialect, folder: Path) -> Iterator[Path]:
    """Exports inside a folder that is none itself, by name; a folder that is an export is not entered."""
    if not folder.is_dir() or _is_export(dialect, folder):
        return
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name.startswith("."):
            continue
        if _is_export(dialect, path):
            yield path
        elif path.is_dir():
            yield from _exports(dialect, path)


def digest(path: Path) -> str:
    """Checksum of a file, or of all files of a folder with their names."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    total = hashlib.sha256()
    for one in sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink()):
        total.update(
            f"{one.relative_to(path).as_posix()}\0".encode() + hashlib.sha256(one.read_bytes()).digest()
        )
    return total.hexdigest()


def _described(dialect: Clones, path: Path) -> Donor:
    """Describe an export, or recall what was found the last time its bytes were seen by this very program."""
    if "printout" in (_format(dialect, path) or ""):
        raise UnusableInput(
            path,
            "a printout is no donor: it is rounded and lacks most parameters; export the protocol itself",
        )
    try:
        known = digest(path)
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    place = memory.folder("donors") / f"{_program(dialect)}-{known}.json"
    try:
        return Donor.model_validate_json(place.read_bytes()).model_copy(update={"file": str(path)})
    except (OSError, ValueError):
        pass
    donor = _describe(dialect, path).model_copy(update={"file": str(path), "sha256": known})
    _remember(place, donor)
    return donor


def _describe(dialect: Clones, path: Path) -> Donor:
    with opening.border(path):
        found = dialect.describe(path)
        _refuse_unsound(dialect, path)
    return found


def _refuse_unsound(dialect: Dialect, path: Path) -> None:
    """Refuse a donor that fails the self-checks of its container: a clone would make it look sound."""
    failed = dialect.self_checks(path) if isinstance(dialect, ChecksItself) else dialect.inspect(path).failed
    if failed:
        more = f" (and {len(failed) - 1} more; see `examcard inspect`)" if len(failed) > 1 else ""
        raise UnusableInput(path, f"no donor, for it fails a self-check: {failed[0].message}{more}")


def _program(dialect: Dialect) -> str:
    """What a description depends on beside the export: version and the very files of the dialect."""
    from generator import vendors

    name = dialect.vendor
    files = [
        p for folder in vendors.__path__ for p in sorted(Path(folder, name).rglob("*")) if p.suffix != ".pyc"
    ]
    seen = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in files if p.is_file()]
    return hashlib.sha256(repr((__version__, name, seen)).encode()).hexdigest()[:16]


def _remember(place: Path, donor: Donor) -> None:
    """Write a description for the next call; a disk that refuses costs only time."""
    from generator.output import write_file

    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_file(place, donor.model_dump_json().encode(), force=True)
    except (OSError, ExamcardError):
        return


# --- planning -----------------------------------------------------------------------------------------


def make_plan(
    dialect: Dialect,
    protocol: Protocol,
    target: Target,
    paths: Sequence[Path],
    pins: Mapping[str, Pin] | None = None,
    gaps: Gaps = "refuse",
) -> tuple[Plan, list[str]]:
    """Plan a protocol from the exports of a site.

    Raises
    ------
    UsageError
        If a decision by hand cannot be followed, or the dialect does not know what to do with gaps so.
    CannotBuild
        If no donor is of the release that is asked for.
    """
    donors, skipped = library(dialect, paths)
    if gaps not in (known := _cloning(dialect).gaps):
        raise UsageError(f"{dialect.vendor} cannot fill gaps with --gaps {gaps}", known)
    _refuse_release(target, donors)
    try:
        return plan(protocol, target, donors, pins, template=gaps == "template"), skipped
    except BadPin as error:
        raise UsageError(str(error)) from error


def _refuse_release(target: Target, donors: Sequence[Donor]) -> None:
    from generator.vendors.matching import same_release

    if target.software and donors and not any(same_release(target.software, one.release) for one in donors):
        there = ", ".join(sorted({str(one.release) for one in donors}))
        raise CannotBuild(
            f"no donor is of release {target.software}: these are of {there}; "
            "give --software one of them, or an export of a console of that release"
        )


def ways(gaps: Sequence[Gaps], vendor: str, plan: Plan) -> list[str]:
    """List what can be made of the gaps of a plan: templates are for the releases they are written in."""
    from generator.vendors.matching import same_release

    is_known = any(same_release(plan.release, one) for one in profile(vendor).templates)
    return [way for way in gaps[1:] if is_known or way != "template"]


def shopping_list(plan: Plan) -> list[str]:
    """Say in words for the console which scans an export lacks."""
    return [f"{one.scan.name}: add {one.missing} to the export{_nearest(one)}" for one in plan.gaps]


def _nearest(choice: Choice) -> str:
    return f"; nearest: {', '.join(choice.nearest)}" if choice.nearest else ""


def gap_sheet(plan: Plan) -> str:
    """Write what has to be entered by hand for every scan that no donor serves, field by field."""
    lines = ["Scans without a donor step: to be set up by hand at the console.", ""]
    for choice in plan.by_hand:
        lines += [choice.scan.name, *(f"  {line}" for line in _by_hand(choice)), ""]
    return "\n".join(lines)


def _by_hand(choice: Choice) -> Iterator[str]:
    table = field_table(Acquisition)
    for name in stated(choice.scan):
        value = getattr(choice.scan, name)
        values = value if isinstance(value, tuple) else (value,)
        text = ", ".join(
            "?" if one is None else f"{one:g}" if isinstance(one, float) else str(one) for one in values
        )
        yield f"{name.replace('_', ' ')}: {text} {table[name].unit or ''}".rstrip()


# --- plan files ---------------------------------------------------------------------------------------


def to_yaml(plan: Plan, protocol: Protocol, target: Target) -> str:
    """Write a plan as a file to be edited and passed to ``build --donor-plan``."""
    import yaml

    names = [one.scan.name for one in plan.choices.values()]
    steps = [_entry(one, names.count(one.scan.name) > 1) for one in plan.choices.values()]
    head = {
        "format_version": FORMAT_VERSION,
        "protocol": protocol.id or protocol.name,
        "vendor": target.vendor,
        "field_strength": target.field_strength,
        "steps": steps,
    }
    text: str = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=110)
    return text


def _entry(choice: Choice, ambiguous: bool) -> dict[str, Any]:
    named: dict[str, Any] = {"step": str(choice.index) if ambiguous else choice.scan.name}
    if choice.step is None:
        return {**named, "leave_out": choice.scan.optional, "missing": choice.missing}
    source = {"from": f"{choice.step.label}#{choice.step.index}", "file": Path(choice.donor.file).name}
    return {**named, **source, "keep": sorted(choice.keep), "reset": sorted(choice.reset)}


def from_yaml(path: Path) -> dict[str, Pin]:
    """Read a plan file.

    Raises
    ------
    UnusableInput
        If it is no plan file; the message names the step.
    """
    import yaml

    from generator.yaml import loader

    try:
        found = yaml.load(path.read_bytes(), Loader=loader())
    except (OSError, yaml.YAMLError) as error:
        raise UnusableInput(path, f"not a readable plan: {error}") from error
    steps = found.get("steps") if isinstance(found, dict) else None
    if not isinstance(steps, list) or found.get("format_version") != FORMAT_VERSION:
        raise UnusableInput(
            path, f"not a donor plan of format_version {FORMAT_VERSION}, as `examcard donors` writes it"
        )
    return dict(_pin(path, number, step) for number, step in enumerate(steps, 1))


_KEYS = frozenset({"step", "from", "file", "keep", "reset", "leave_out", "missing"})


def _pin(path: Path, number: int, step: Any) -> tuple[str, Pin]:
    if not isinstance(step, dict) or not isinstance(step.get("step"), (str, int)) or set(step) - _KEYS:
        raise UnusableInput(path, f"steps[{number}]: expected a mapping of {', '.join(sorted(_KEYS))}")
    keep = step.get("keep") or []
    if not isinstance(keep, list):
        raise UnusableInput(path, f"steps[{number}]: keep is a list of settings")
    pin = Pin(
        str(step.get("from") or ""),
        str(step.get("file") or ""),
        frozenset(map(str, keep)),
        bool(step.get("leave_out")),
    )
    return str(step["step"]), pin


def from_option(text: str) -> tuple[str, Pin]:
    """Read ``--from "3D T1=Head/Routine/mprage"``. Raises UsageError."""
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise UsageError(f'--from {text!r}: expected NAME=PATH, such as "3D T1=Head/Routine/mprage"')
    return name.strip(), Pin(path.strip())


# --- reports ------------------------------------------------------------------------------------------


def to_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain data: steps as in the manifest, with alternatives and score; gaps."""
    return {
        "format_version": FORMAT_VERSION,
        "release": plan.release,
        "donors": [
            {**one.model_dump(exclude={"vendor", "steps"}), "steps": len(one.steps)} for one in plan.donors
        ],
        "steps": [_step(one) for one in plan.choices.values()],
        "along": [{"before": one.before, **source(one.donor, one.step)} for one in plan.along],
        "gaps": [
            {"name": one.scan.name, "optional": one.scan.optional, "missing": one.missing,
             "would_serve": list(one.nearest)}
            for one in (*plan.gaps, *plan.left_out)
        ],
        "warnings": list(plan.warnings),
    }  # fmt: skip


def source(donor: Donor, step: Any) -> dict[str, Any]:
    """Name the step that a clone is made from."""
    return {
        "file": Path(donor.file).name,
        "sha256": donor.sha256,
        "path": list(step.path),
        "step": step.scan.name,
        "step_index": step.index,
    }


def _step(choice: Choice) -> dict[str, Any]:
    return {
        "index": choice.index,
        "name": choice.scan.name,
        "origin": "donor" if choice.step else "gap",
        "donor": source(choice.donor, choice.step) if choice.step else None,
        "score": choice.found.score if choice.found else None,
        "reasons": list(choice.found.reasons) if choice.found else [],
        "alternatives": [
            {**source(one.donor, one.step), "score": one.score, "reasons": list(one.reasons)}
            for one in choice.alternatives
        ],
        "time": None,
        "patched": list(choice.patched),
        "inherited": [
            {"what": one.what, "value": one.value, "action": "reset" if one.what in choice.reset else "kept",
             "severity": severity(one.bound_to)}
            for one in choice.inherited
        ],
    }  # fmt: skip


def severity(bound_to: str) -> str:
    """Say how much an inherited setting matters: what is bound to a body or a patient changes the image."""
    return "image" if bound_to in ("anatomy", "patient") else "operator"


def table(plan: Plan) -> list[tuple[str, str, str, str, str]]:
    """Rows for people: scan, step that serves, score, what is patched, what is inherited."""
    rows = []
    for one in plan.choices.values():
        if one.found is None:
            rows.append(
                (one.scan.name, "left out" if one.scan.optional else "GAP", "", "", f"needs {one.missing}")
            )
            continue
        kept = [inherited for inherited in one.inherited if inherited.what not in one.reset]
        parts = (
            f"reset: {', '.join(sorted(one.reset))}" if one.reset else "",
            f"kept: {', '.join(f'{k.what} {k.value}' for k in kept)}" if kept else "",
        )
        rows.append(
            (
                one.scan.name,
                _label(one.found),
                f"{one.found.score:g}",
                str(len(one.patched)),
                "; ".join(filter(None, parts)),
            )
        )
    return rows


def _label(found: Candidate) -> str:
    return f"{Path(found.donor.file).name}: {found.step.label}#{found.step.index}"
