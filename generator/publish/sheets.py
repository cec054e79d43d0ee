"""Printable sheets: one page a protocol for the scanner room, one page a sequence for entry by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.errors import UsageError
from generator.publish.byhand import by_hand, of_scan
from generator.publish.labels import GROUPS
from generator.publish.record import Record
from generator.publish.render import render


def sheet_html(record: Record, facts: Mapping[str, Any], language: str) -> str:
    """Write the sheet of a card as a page that needs no other file.

    Parameters
    ----------
    record : dict
        As :func:`generator.publish.record.record` makes it.
    facts : mapping
        ``title``, ``network``, ``contact`` and ``licence`` of the publication.
    """
    scans = list(_scans(record))
    return render("sheet.html.j2", language, card=record, site=facts, scans=scans, hand=by_hand(record))


def _scans(record: Record) -> Iterator[dict[str, Any]]:
    number = 0
    for index, entry in enumerate(record["steps"]):
        step = entry["step"]
        if step["kind"] != "acquisition":
            continue
        number += 1
        held = entry["file"]
        groups = (
            (title, [(field, held[field]) for field, _ in fields if field in held])
            for title, fields in GROUPS
        )
        yield {
            "number": number,
            "step": step,
            "row": entry["row"],
            "by_hand": of_scan(record, index),
            "columns": _columns([(title, rows) for title, rows in groups if rows]),
        }


_Group = tuple[str, list[tuple[str, Any]]]


def _columns(groups: list[_Group]) -> tuple[list[_Group], list[_Group]]:
    """Deal groups out to two columns, in their order, so that the longer one is as short as it can be."""

    def lines(some: list[_Group]) -> int:
        return sum(len(rows) + 2 for _, rows in some)

    cut = min(
        range(1, len(groups) + 1), default=0, key=lambda at: max(lines(groups[:at]), lines(groups[at:]))
    )
    return groups[:cut], groups[cut:]


def require_pdf() -> None:
    """Make sure that PDF can be written, before anything is built.

    Raises
    ------
    UsageError
        If WeasyPrint, or a library that it needs, is not installed.
    """
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        raise UsageError("PDF sheets need WeasyPrint: pip install 'examcard[pdf]'") from error


def sheet_pdf(html: str) -> bytes:
    """Set a sheet as PDF.

    Raises
    ------
    UsageError
        If WeasyPrint is not installed.
    """
    require_pdf()
    from weasyprint import HTML

    made: bytes = HTML(string=html, base_url=None, url_fetcher=_no_address).write_pdf(
        pdf_identifier=b"examcard"
    )
    return made


def _no_address(address: str, *_: Any, **__: Any) -> dict[str, Any]:
    raise ValueError(f"a sheet needs no other file and fetches nothing: {address}")
