"""A resolved protocol becomes the entry sheet: steps in exam order, with their times."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from generator.model.spoken import along, word
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat, Situation, Target
from generator.text import clock
from generator.vendors.canon.entries import entries_of
from generator.vendors.canon.sheet import Box, Scan, Sheet, sources_of
from generator.vendors.dialect import BuildOptions, Losses

PROTOCOL_FIELDS = tuple(name for name in Protocol.model_fields if name not in ("situation", "steps"))
BOX_FIELDS = {
    model.model_fields["kind"].default: tuple(name for name in model.model_fields if name != "kind")
    for model in (Contrast, Pause, Reformat)
}
SITUATION_FIELDS = tuple(Situation.model_fields)

_NOT_CARRIED = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sheet_of(protocol: Protocol, target: Target, options: BuildOptions, losses: Losses) -> Sheet:
    """Compose the sheet of a resolved protocol; what it cannot say goes into ``losses``."""
    protocol = printable(protocol, losses)
    steps = _steps(protocol, _seconds(protocol, options), losses)
    return Sheet(
        title=protocol.name,
        pas=" / ".join(protocol.path or (protocol.name,)),
        target=tuple((name, str(value)) for name, value in target.model_dump(exclude_none=True).items()),
        scanner=_scanner(target),
        label=_sweep(options.label),
        warnings=tuple(map(_sweep, options.warnings)),
        facts=_facts(protocol),
        sources=sources_of(protocol, PROTOCOL_FIELDS),
        situation=sources_of(protocol.situation, SITUATION_FIELDS),
        steps=steps,
        total=_total(steps, optional=False),
        optional_total=_total(steps, optional=True),
        losses=len(losses.found),
    )


def printable(protocol: Protocol, losses: Losses) -> Protocol:
    """Replace characters that neither XML nor paper can carry, and report where there were any."""
    steps = []
    for index, step in enumerate(protocol.steps):
        kept = step.model_dump(exclude={"vendor"})
        swept = _sweep(kept)
        if swept != kept:
            reason = "control characters, which no file of the sheet can carry, were replaced"
            losses.at(index, swept.get("name")).approximated(None, None, None, reason)
            step = step.model_copy(update=swept)
        steps.append(step)
    head = protocol.model_dump(exclude={"steps"})
    swept_head = _sweep(head)
    if swept_head != head:
        losses.approximated(None, None, None, "control characters in the protocol's texts were replaced")
        swept_head["situation"] = Situation.model_validate(swept_head["situation"])
        protocol = protocol.model_copy(update=swept_head)
    return protocol.model_copy(update={"steps": tuple(steps)})


def _sweep(value: Any) -> Any:
    if isinstance(value, str):
        return _NOT_CARRIED.sub("\ufffd", value.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(value, tuple):
        return tuple(map(_sweep, value))
    return {key: _sweep(one) for key, one in value.items()} if isinstance(value, dict) else value


def _scanner(target: Target) -> str:
    parts = (target.model, f"{target.field_strength:g} T", target.software)
    return " · ".join(("Canon", *filter(None, parts)))


def _facts(protocol: Protocol) -> tuple[tuple[str, str], ...]:
    """Name what the protocol says of itself, for the head of the overview."""
    words = {
        "Spec": " ".join(filter(None, (protocol.id, protocol.version))),
        "Kind": word(protocol.kind or ""),
        "Region": protocol.region or "",
        "Guidelines": ", ".join(protocol.guidelines),
    }
    return tuple((name, text) for name, text in words.items() if text)


def _seconds(protocol: Protocol, options: BuildOptions) -> list[float | None]:
    """Seconds of each step: those of the build, else what the step itself states, else none for a box."""
    found: list[float | None] = []
    for index, step in enumerate(protocol.steps):
        given = options.duration(index)
        if given is None and isinstance(step, Acquisition):
            given = step.acquisition_duration
        elif given is None:
            given = (step.duration if isinstance(step, Pause) else None) or 0.0
        found.append(given)
    return found


def _steps(protocol: Protocol, seconds: Sequence[float | None], losses: Losses) -> tuple[Scan | Box, ...]:
    """Compose every step; optional ones do not move the start of those after them."""
    steps: list[Scan | Box] = []
    names = _scan_names(protocol)
    clock_now: float | None = 0.0
    number = 0
    for index, (step, length) in enumerate(zip(protocol.steps, seconds, strict=True)):
        start = None if step.optional else clock_now
        if not isinstance(step, Acquisition):
            steps.append(_box(step, names, start, length))
        else:
            number += 1
            steps.append(_scan(step, number, start, length, protocol.region, losses.at(index, step.name)))
        if not step.optional:
            clock_now = None if clock_now is None or length is None else clock_now + length
    return tuple(steps)


def _scan(
    step: Acquisition,
    number: int,
    start: float | None,
    seconds: float | None,
    region: str | None,
    losses: Losses,
) -> Scan:
    entries, extras = entries_of(step, region, seconds, losses)
    return Scan(
        number=number,
        name=step.name,
        sequence=next(entry.value for entry in entries if entry.id == "sequence"),
        optional=step.optional,
        start=start,
        seconds=seconds,
        stated=step.acquisition_duration is not None,
        entries=entries,
        extras=extras,
    )


def _scan_names(protocol: Protocol) -> dict[str, str]:
    """Name the scan that a reformat may call by its role or its definition."""
    names: dict[str, str] = {}
    for scan in protocol.acquisitions:
        for label in filter(None, (scan.role, scan.definition)):
            names.setdefault(label, scan.name)
    return names


def _box(
    step: Contrast | Pause | Reformat, names: Mapping[str, str], start: float | None, seconds: float | None
) -> Box:
    title, lines = _WORDS[step.kind](step)
    if isinstance(step, Reformat):
        title = f"Reformat {names.get(step.source, step.source)}"
    return Box(
        kind=step.kind,
        title=title,
        lines=tuple(line for line in lines if line),
        optional=step.optional,
        start=start,
        seconds=seconds or None,
        sources=sources_of(step, BOX_FIELDS[step.kind]),
    )


def _contrast(step: Contrast) -> tuple[str, tuple[str, ...]]:
    dose = f"{step.dose:g} mmol/kg body weight" if step.dose else "dose not stated by the spec"
    delay = step.minimum_delay
    return f"Inject {step.agent or 'contrast agent'}, {dose}", (
        f"At least {clock(delay)} min from the injection to the first post-contrast scan." if delay else "",
        step.text or "",
    )


def _pause(step: Pause) -> tuple[str, tuple[str, ...]]:
    """Say how long, unless the text does so itself."""
    if step.duration and clock(step.duration) in step.text:
        return step.text, ()
    return f"Wait {clock(step.duration)} min" if step.duration else "Pause", (step.text,)


def _reformat(step: Reformat) -> tuple[str, tuple[str, ...]]:
    thickness, gap = step.slice_thickness, step.slice_gap
    return "", (
        " ".join(filter(None, (step.plane, f"{thickness:g} mm" if thickness else None))),
        along(step.plane_reference) if step.plane_reference else "",
        f"gap {gap:g} mm" if gap is not None else "",
    )


_WORDS: dict[str, Any] = {"contrast": _contrast, "pause": _pause, "reformat": _reformat}


def _total(steps: Sequence[Scan | Box], optional: bool) -> float | None:
    """Sum the scans of one sort; ``None`` if the time of one of them is not known."""
    times = [step.seconds for step in steps if isinstance(step, Scan) and step.optional is optional]
    return None if None in times else float(sum(time for time in times if time is not None))
