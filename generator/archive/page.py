"""The summary as a page: tables, and lines over months drawn as SVG."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from generator import resources
from generator.archive.summary import NO_MONTH, NUMERIC
from generator.model.fields import field_table
from generator.model.tree import Acquisition

CHARTS = 60
"""Drawings on a page; the JSON has them all."""
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _FOOT = 760, 180, 70, 190, 26, 34
_COLOURS = ("#2b6cb0", "#c05621", "#2f855a", "#97266d", "#6b46c1", "#b7791f", "#2c7a7b", "#4a5568")


def page(data: Mapping[str, Any]) -> str:
    """Return the page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(resources.templates("archive")),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    drawn = list(_charts(data))
    return environment.get_template("summary.html.j2").render(
        data=data, charts=[Markup(svg) for svg in drawn[:CHARTS]], more=max(0, len(drawn) - CHARTS)
    )


def _charts(data: Mapping[str, Any]) -> Iterator[str]:
    exams: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for group in data["groups"]:
        if group["month"] != NO_MONTH:
            exams[f"{group['centre']}, {group['scanner']}"][group["month"]] += group["exams"]
    if exams:
        yield chart("exams a month", exams)
    units = {name: spec.unit for name, spec in field_table(Acquisition).items()}
    lines: dict[tuple[str, str], dict[str, dict[str, float]]] = defaultdict(dict)
    for entry in data["drift"]:
        points = {m["month"]: m["value"] for m in entry["months"] if isinstance(m["value"], int | float)}
        if entry["field"] in NUMERIC and points:
            lines[entry["name"], entry["field"]][f"{entry['centre']}, {entry['scanner']}"] = points
    for (name, what), found in sorted(lines.items()):
        unit = f", {units[what]}" if units.get(what) else ""
        yield chart(f"{name}: {what.replace('_', ' ')}{unit}", found)


def chart(title: str, lines: Mapping[str, Mapping[str, float]]) -> str:
    """Draw values over months, a line for each scanner.

    Parameters
    ----------
    lines : mapping of str to mapping of str to float
        Label to month (``YYYY-MM``) to value.
    """
    months = sorted({month for points in lines.values() for month in points})
    values = [value for points in lines.values() for value in points.values()]
    low, high = min(values), max(values)
    margin = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
    low, high = low - margin, high + margin

    def x(month: str) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (months.index(month) / max(1, len(months) - 1))

    def y(value: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _FOOT) * (1 - (value - low) / (high - low))

    parts = [f'<text class="title" x="0" y="15">{escape(title)}</text>']
    for value in sorted({min(values), max(values)}):
        parts.append(
            f'<text class="tick" x="{_LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.6g}</text>'
        )
        parts.append(f'<path class="grid" d="M{_LEFT} {y(value):.1f}H{_WIDTH - _RIGHT}"/>')
    for month in sorted({months[0], months[-1]}):
        parts.append(
            f'<text class="tick" x="{x(month):.1f}" y="{_HEIGHT - 10}" text-anchor="middle">{month}</text>'
        )
    for index, (label, points) in enumerate(sorted(lines.items())):
        parts += _line(index, label, [(x(month), y(points[month])) for month in sorted(points)])
    return f'<svg class="drift" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">{"".join(parts)}</svg>'


def _line(index: int, label: str, points: Sequence[tuple[float, float]]) -> Iterator[str]:
    colour = _COLOURS[index % len(_COLOURS)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{path}"/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'
    if index < len(_COLOURS):
        place = f'x="{_WIDTH - _RIGHT + 12}" y="{_TOP + 12 + 16 * index}"'
        yield f'<text class="tick" {place} fill="{colour}">{escape(label)}</text>'
