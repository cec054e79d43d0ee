"""A report as data, and as text, Markdown or HTML: what comparing, translating and auditing print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from generator import resources

Form = Literal["text", "markdown", "html"]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with sentences and a table below it; any of the three may be missing.

    Attributes
    ----------
    level : int
        1 for a chapter, 2 for what is in it.
    """

    title: str = ""
    lines: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    level: int = 2


@dataclass(frozen=True, slots=True)
class Document:
    """A report: a title and its parts, in order."""

    title: str
    parts: tuple[Part, ...] = ()

    def render(self, form: Form) -> str:
        """Write it; the last line ends."""
        return {"text": _text, "markdown": _markdown, "html": _html}[form](self)


def _text(document: Document) -> str:
    lines = [document.title]
    for part in document.parts:
        pad = "  " * (part.level - 1)
        if part.title:
            lines += [*([""] if part.level == 1 or part.lines or part.rows else []), f"{pad}{part.title}"]
        lines += [f"{pad}  {line}" for line in part.lines]
        rows = [part.headers, *part.rows] if any(part.headers) else list(part.rows)
        lines += [f"{pad}  {line}" for line in columns(rows)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay rows out in columns as wide as their longest cell; what is too long for one ends in dots."""
    short = [[*map(_short, row[:-1]), row[-1]] for row in rows]
    widths = [max(map(len, column)) for column in zip(*short, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in short]


_WIDEST = 60


def _short(cell: str) -> str:
    return cell if len(cell) <= _WIDEST else f"{cell[: _WIDEST - 3]}..."


def _markdown(document: Document) -> str:
    lines = [f"# {_escaped(document.title)}", ""]
    for part in document.parts:
        if part.title:
            lines += [f"{'#' * (part.level + 1)} {_escaped(part.title)}", ""]
        if part.lines:
            lines += [*(f"- {_escaped(line)}" for line in part.lines), ""]
        if part.rows:
            headers = part.headers or ("",) * len(part.rows[0])
            lines += [_row(headers), _row(["---"] * len(headers)), *map(_row, _clean(part.rows)), ""]
    return "\n".join(lines)


def _clean(rows: Iterable[Sequence[str]]) -> Iterable[list[str]]:
    return ([_escaped(cell) for cell in row] for row in rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|#"})


def _escaped(text: str) -> str:
    """Text of a file is never taken for markup."""
    return " ".join(text.split()).translate(_SIGNS)


def _html(document: Document) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(resources.templates("compare")), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    return environment.get_template("report.html.j2").render(document=document)
