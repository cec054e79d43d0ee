"""A resolved protocol as an entry sheet: XML with its schema, two CSV tables, and the HTML to print."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import StringIO
from typing import TYPE_CHECKING, Any

from generator import resources
from generator.errors import CannotBuild
from generator.model.kept import MOST, per_scan
from generator.model.spoken import along, injected, word
from generator.model.tree import (
    Acquisition,
    Contrast,
    Note,
    Pause,
    Protocol,
    Reformat,
    Situation,
    Step,
    Target,
)
from generator.text import clock
from generator.vendors.account import compare
from generator.vendors.canon import facts
from generator.vendors.canon.entries import entered, entries_of
from generator.vendors.canon.sheet import FLAGS, Box, Entry, Lines, ScanLines, Sheet, schema, sources_of
from generator.vendors.dialect import BuildOptions, Export, Reasons

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_NO_DONOR = (
    "Canon has no donor mode: no export format of Canon's consoles is public, so there is no file of a "
    "scanner that could be patched; build without a donor for a sheet to enter by hand"
)
_FORMULA = re.compile(r"\s*[=+@-]|[\t\n]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

LONG_HEADER = ("scan", "label", "value", "unit", "note", "flag", "proof", "in the spec")
_COLUMNS = (*facts.KEYS, *facts.EXTRAS)
STEP_HEADER = ("step", "kind", "optional", "start")
_WIDE_HEADER = (*STEP_HEADER, *(f"{key.label} [{key.unit}]" if key.unit else key.label for key in _COLUMNS))


def build(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write the entry sheet of a resolved protocol.

    Raises
    ------
    CannotBuild
        If a donor is given: there is no Canon file that could be one.
    """
    if options.donor is not None:
        raise CannotBuild(_NO_DONOR)
    reasons = Reasons()
    sheet = sheet_of(protocol, target, options, reasons)
    files = {
        facts.XML_NAME: _render("canon_protocol.xml.j2", sheet),
        facts.XSD_NAME: schema(),
        facts.CSV_NAME: wide_table(sheet),
        facts.LONG_CSV_NAME: long_table(sheet),
        facts.HTML_NAME: _render("canon_protocol.html.j2", sheet),
    }
    return Export("sheet", files, notes=_notes(sheet), reasons=reasons, card=facts.XML_NAME)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(resources.templates("vendors", "canon")),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["clock"] = clock
    environment.globals.update(
        mark=facts.MARK,
        namespace=facts.NAMESPACE,
        schema=facts.XSD_NAME,
        flags=FLAGS,
        proofs=facts.PROOFS,
        drawn=_drawn,
    )
    return environment


@lru_cache(maxsize=MOST)
def _drawn(template: str, one: ScanLines | Lines) -> Markup:
    """Draw a scan; most are on many sheets."""
    module: Any = _environment().get_template(template).module
    drawn: Markup = module.of(one)
    return drawn


def _render(template: str, sheet: Sheet) -> bytes:
    return _environment().get_template(template).render(sheet=sheet).encode()


def _notes(sheet: Sheet) -> tuple[Note, ...]:
    """Note what the user has to know beside the losses."""
    notes = []
    for index, step in enumerate(sheet.steps):
        shown = next((e for e in step.entries if e.id == "tr"), None) if isinstance(step, ScanLines) else None
        if shown and shown.note:
            shown_as = f"TR {shown.value} {shown.unit}" if shown.value else "TR"
            message = f"{shown_as}: {shown.note}"
            notes.append(Note(code="repetition-time", message=message, step=index, field="repetition_time"))
    return tuple(notes)


def cell(text: str) -> str:
    """Make a text safe for a spreadsheet: what it would take for a formula gets an apostrophe."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _table(sheet: Sheet, header: Sequence[str], rows: Iterable[str]) -> bytes:
    """Write rows below the mark, the label and the warnings: CSV after RFC 4180, UTF-8 with BOM."""
    head = (f"# {facts.MARK}", f"# sheet: {sheet.label}", *(f"# warning: {one}" for one in sheet.warnings))
    top = _csv((" ".join(line.split()),) for line in head)
    return "".join((top, _header(*header), *rows)).encode("utf-8-sig")


def _csv(rows: Iterable[Sequence[str]]) -> str:
    stream = StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(tuple(map(cell, row)) for row in rows)
    return stream.getvalue()


@cache
def _header(*labels: str) -> str:
    return _csv([labels])


def wide_table(sheet: Sheet) -> bytes:
    """Write one row a step, the columns in the order of entry."""
    return _table(sheet, _WIDE_HEADER, (_wide_row(index, step) for index, step in enumerate(sheet.steps, 1)))


def _wide_row(index: int, step: ScanLines | Box) -> str:
    start = "" if step.start is None else clock(step.start)
    head = (str(index), step.kind, "yes" if step.optional else "no", start)
    if isinstance(step, Box):
        return _csv([(*head, " / ".join((step.title, *step.lines)), *("" for _ in _COLUMNS[1:]))])
    return f"{','.join(head)},{_wide_values(step.written)}"


@lru_cache(maxsize=MOST)
def _wide_values(written: Lines) -> str:
    values = {entry.id: entry.value for entry in (*written.entries, *written.extras)}
    return _csv([[values.get(key.id, "") for key in _COLUMNS]])


def long_table(sheet: Sheet) -> bytes:
    """Write one row an entry: scan, label, value, unit, note and how sure it is."""
    return _table(sheet, LONG_HEADER, map(_long_rows, sheet.steps))


def _long_rows(step: ScanLines | Box) -> str:
    if isinstance(step, ScanLines):
        return _long_lines(f"{step.number} {step.name}", step.written)
    return _csv([(step.kind, step.title, " / ".join(step.lines), "", "", "information", "", "")])


@lru_cache(maxsize=MOST)
def _long_lines(name: str, written: Lines) -> str:
    return _csv((name, *_long_row(entry)) for entry in (*written.entries, *written.extras))


def _long_row(entry: Entry) -> tuple[str, ...]:
    neutral = "; ".join(f"{source.field} = {source.shown}" for source in entry.sources)
    proof = facts.PROOFS[entry.proof]
    return entry.label, entry.value, entry.unit, entry.remark, entry.flag, proof, neutral


# --- the sheet as a document --------------------------------------------------------------------------

PROTOCOL_FIELDS = tuple(name for name in Protocol.model_fields if name not in ("situation", "steps"))
BOX_FIELDS = {
    model.model_fields["kind"].default: tuple(name for name in model.model_fields if name != "kind")
    for model in (Contrast, Pause, Reformat)
}
SITUATION_FIELDS = tuple(Situation.model_fields)

_CONTROL = "control characters, which no file of the sheet can carry, were replaced"
_NOT_CARRIED = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sheet_of(protocol: Protocol, target: Target, options: BuildOptions, reasons: Reasons) -> Sheet:
    """Compose the sheet of a resolved protocol; why it cannot say something goes into ``reasons``."""
    wanted, protocol = protocol, printable(protocol, reasons)
    seconds = _seconds(protocol, options)
    steps = _steps(protocol, seconds, reasons)
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
        losses=len(reasons.further) + sum(_lost(wanted, protocol, seconds, steps, reasons)),
    )


def _lost(
    wanted: Protocol,
    printed: Protocol,
    seconds: Sequence[float | None],
    steps: Sequence[ScanLines | Box],
    reasons: Reasons,
) -> Iterator[int]:
    """Count the losses of each scan that the account will find, to be printed on the sheet."""
    for index, (step, lines) in enumerate(zip(wanted.steps, steps, strict=True)):
        if not (isinstance(step, Acquisition) and isinstance(lines, ScanLines)):
            continue
        if step is printed.steps[index]:
            yield _written(step, printed.region, seconds[index]).losses
        else:
            yield len(list(compare(step, entered(lines.lines()), reasons, index)))


@dataclass(frozen=True, slots=True)
class _Written:
    """A scan as lines, why they may not say what is wanted, and how many fields do not come back."""

    lines: Lines
    said: Reasons
    losses: int


@per_scan
def _written(scan: Acquisition, region: str | None, seconds: float | None) -> _Written:
    said = Reasons()
    entries, extras = entries_of(scan, region, seconds, said.at(None))
    lines = ((one.id, one.value, one.flag) for one in (*entries, *extras))
    return _Written(Lines(entries, extras), said, len(list(compare(scan, entered(lines), said))))


@per_scan
def _is_printable(scan: Acquisition) -> bool:
    kept = scan.model_dump(exclude={"vendor"})
    return bool(_sweep(kept) == kept)


def printable(protocol: Protocol, reasons: Reasons) -> Protocol:
    """Replace characters that neither XML nor paper can carry, and report where there were any."""
    steps = tuple(_printable_step(step, index, reasons) for index, step in enumerate(protocol.steps))
    head = protocol.model_dump(exclude={"steps"})
    swept_head = _sweep(head)
    if swept_head != head:
        reasons.at(None).add("approximated", None, "control characters in the protocol's texts were replaced")
        swept_head["situation"] = Situation.model_validate(swept_head["situation"])
        protocol = protocol.model_copy(update=swept_head)
    return protocol.model_copy(update={"steps": steps})


def _printable_step(step: Step, index: int, reasons: Reasons) -> Step:
    if isinstance(step, Acquisition) and _is_printable(step):
        return step
    kept = step.model_dump(exclude={"vendor"})
    swept = _sweep(kept)
    if swept == kept:
        return step
    view = reasons.at(index, swept.get("name"))
    view.why("name", _CONTROL)
    if any(swept[name] != kept[name] for name in kept if name != "name"):
        view.add("approximated", None, _CONTROL)
    return step.model_copy(update=swept)


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


def _steps(
    protocol: Protocol, seconds: Sequence[float | None], reasons: Reasons
) -> tuple[ScanLines | Box, ...]:
    """Compose every step; optional ones do not move the start of those after them."""
    steps: list[ScanLines | Box] = []
    names = _scan_names(protocol)
    clock_now: float | None = 0.0
    number = 0
    for index, (step, length) in enumerate(zip(protocol.steps, seconds, strict=True)):
        start = None if step.optional else clock_now
        if not isinstance(step, Acquisition):
            steps.append(_box(step, names, start, length))
        else:
            number += 1
            written = _written(step, protocol.region, length)
            reasons.take(index, step.name, written.said)
            steps.append(_scan(step, number, start, length, written))
        if not step.optional:
            clock_now = None if clock_now is None or length is None else clock_now + length
    return tuple(steps)


def _scan(
    step: Acquisition, number: int, start: float | None, seconds: float | None, written: _Written
) -> ScanLines:
    return ScanLines(
        number=number,
        name=step.name,
        sequence=next(entry.value for entry in written.lines.entries if entry.id == "sequence"),
        optional=step.optional,
        start=start,
        seconds=seconds,
        stated=step.acquisition_duration is not None,
        written=written.lines,
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
        *injected(step),
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
        step.method or "",
        " ".join(filter(None, (step.plane, f"{thickness:g} mm" if thickness else None))),
        along(step.plane_reference) if step.plane_reference else "",
        f"gap {gap:g} mm" if gap is not None else "",
    )


_WORDS: dict[str, Any] = {"contrast": _contrast, "pause": _pause, "reformat": _reformat}


def _total(steps: Sequence[ScanLines | Box], optional: bool) -> float | None:
    """Sum the scans of one sort; ``None`` if the time of one of them is not known."""
    times = [step.seconds for step in steps if isinstance(step, ScanLines) and step.optional is optional]
    return None if None in times else float(sum(time for time in times if time is not None))
