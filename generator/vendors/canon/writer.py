"""The entry sheet as files: XML with its schema, two CSV tables, and the HTML to print."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from io import StringIO
from typing import TYPE_CHECKING

from generator import resources
from generator.errors import CannotBuild
from generator.model.tree import Note, Protocol, Target
from generator.text import clock
from generator.vendors.canon import facts
from generator.vendors.canon.compose import sheet_of
from generator.vendors.canon.container import schema
from generator.vendors.canon.sheet import FLAGS, Box, Entry, Scan, Sheet
from generator.vendors.dialect import BuildOptions, Export, Losses

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
STEP_HEADER = ("step", "kind", "optional", "start")


def build(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write the entry sheet of a resolved protocol.

    Raises
    ------
    CannotBuild
        If a donor is given: there is no Canon file that could be one.
    """
    if options.donor is not None:
        raise CannotBuild(_NO_DONOR)
    losses = Losses()
    sheet = sheet_of(protocol, target, options, losses)
    files = {
        facts.XML_NAME: _render("canon_protocol.xml.j2", sheet),
        facts.XSD_NAME: schema(),
        facts.CSV_NAME: wide_table(sheet),
        facts.LONG_CSV_NAME: long_table(sheet),
        facts.HTML_NAME: _render("canon_protocol.html.j2", sheet),
    }
    return Export("sheet", files, tuple(losses.found), _notes(sheet))


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


@lru_cache(maxsize=8192)
def _drawn(template: str, form: str, entry: Entry) -> Markup:
    """Draw one line of a sheet; most lines stand on many pages, and on many sheets."""
    made: Markup = _environment().get_template(template).module.line(form, entry)  # type: ignore[attr-defined]
    return made


def _render(template: str, sheet: Sheet) -> bytes:
    return _environment().get_template(template).render(sheet=sheet).encode()


def _notes(sheet: Sheet) -> tuple[Note, ...]:
    """Tell what the reader of the manifest has to know beside the losses."""
    notes = []
    for index, step in enumerate(sheet.steps):
        shown = next((e for e in step.entries if e.id == "tr"), None) if isinstance(step, Scan) else None
        if shown and shown.note:
            message = f"TR {shown.value} {shown.unit}: {shown.note}"
            notes.append(Note(code="repetition-time", message=message, step=index, field="repetition_time"))
    return tuple(notes)


def cell(text: str) -> str:
    """Make a text safe for a spreadsheet: what it would take for a formula gets an apostrophe."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _table(sheet: Sheet, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows below the mark, the label and the warnings: CSV after RFC 4180, UTF-8 with BOM."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    head = (f"# {facts.MARK}", f"# sheet: {sheet.label}", *(f"# warning: {one}" for one in sheet.warnings))
    writer.writerows((cell(" ".join(line.split())),) for line in head)
    writer.writerow(header)
    writer.writerows(tuple(map(cell, row)) for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def wide_table(sheet: Sheet) -> bytes:
    """Write one row a step, the columns in the order of entry."""
    keys = (*facts.KEYS, *facts.EXTRAS)
    header = (*STEP_HEADER, *(f"{key.label} [{key.unit}]" if key.unit else key.label for key in keys))
    ids = [key.id for key in keys]
    return _table(sheet, header, (_wide_row(index, step, ids) for index, step in enumerate(sheet.steps, 1)))


def _wide_row(index: int, step: Scan | Box, ids: Sequence[str]) -> tuple[str, ...]:
    start = "" if step.start is None else clock(step.start)
    head = (str(index), step.kind, "yes" if step.optional else "no", start)
    if isinstance(step, Box):
        return (*head, " / ".join((step.title, *step.lines)), *("" for _ in ids[1:]))
    values = {entry.id: entry.value for entry in (*step.entries, *step.extras)}
    return (*head, *(values.get(name, "") for name in ids))


def long_table(sheet: Sheet) -> bytes:
    """Write one row an entry: scan, label, value, unit, note and how sure it is."""
    rows: list[tuple[str, ...]] = []
    for step in sheet.steps:
        if isinstance(step, Box):
            rows.append((step.kind, step.title, " / ".join(step.lines), "", "", "information", "", ""))
        else:
            name = f"{step.number} {step.name}"
            rows += [(name, *_long_row(entry)) for entry in (*step.entries, *step.extras)]
    return _table(sheet, LONG_HEADER, rows)


@lru_cache(maxsize=8192)
def _long_row(entry: Entry) -> tuple[str, ...]:
    neutral = "; ".join(f"{source.field} = {source.shown}" for source in entry.sources)
    proof = facts.PROOFS[entry.proof]
    return entry.label, entry.value, entry.unit, entry.remark, entry.flag, proof, neutral
