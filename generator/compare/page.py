"""An audit for people: rows of a table, one sentence, a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator import resources
from generator.compare.audit import Audit, Status
from generator.model.fields import field_table
from generator.model.tree import Acquisition

_STATUSES: tuple[Status, ...] = ("conform", "within tolerance", "deviates", "not stated")


def page(audits: Sequence[Audit], against: str) -> str:
    """Render a page that needs no other file."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(resources.templates("audit")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    helpers = {"title": exam_title, "verdict": verdict, "rows": scan_rows, "shown": shown}
    return environment.get_template("report.html.j2").render(audits=audits, against=against, **helpers)


def exam_title(one: Audit, against: str) -> str:
    """Name the exam, its scanner and what it was held against."""
    scanner = f" on {one.exam.scanner}" if one.exam.scanner else ""
    return f"exam of {one.exam.label}{scanner} against {one.protocol.name} ({against})"


def verdict(one: Audit) -> str:
    """Say in one sentence how the exam did."""
    if not one.compared:
        return "nothing could be compared: no verdict"
    deviating = sum(len(pair.of("deviates")) for pair in one.pairs)
    counted = sum(found.counts for found in one.findings)
    parts = [
        f"{one.compared} fields of {len(one.pairs)} scans compared",
        f"{deviating} deviate" if deviating else "none deviates",
        *([f"{len(one.missing)} scans missing"] if one.missing else []),
        *([f"{len(one.additional)} additional"] if one.additional else []),
        *([f"{counted} further findings"] if counted else []),
    ]
    return ", ".join(parts)


def scan_rows(one: Audit) -> list[tuple[str, ...]]:
    """Return a row for each step and scan: names and how many fields have which status."""
    rows = []
    by_step = {pair.step: pair for pair in one.pairs}
    for index, step in enumerate(one.protocol.steps):
        if (pair := by_step.get(index)) is not None:
            series = ", ".join(one.exam.scans[pair.scan].series)
            rows.append((str(getattr(step, "name", "")), series, *(str(len(pair.of(s))) for s in _STATUSES)))
        elif index in one.missing:
            rows.append((str(getattr(step, "name", "")), "MISSING", *[""] * len(_STATUSES)))
    for index in one.additional:
        rows.append(
            ("(not in the protocol)", ", ".join(one.exam.scans[index].series), *[""] * len(_STATUSES))
        )
    return rows


def shown(name: str, value: Any) -> str:
    """Write a value with its unit."""
    if value is None:
        return "-"
    unit = field_table(Acquisition)[name].unit
    text = ", ".join(map(_number, value)) if isinstance(value, tuple) else _number(value)
    return f"{text} {unit}" if unit else text


def _number(value: Any) -> str:
    return "?" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
