"""Printable sheets: one page a protocol for the scanner room, one page a sequence for entry by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from generator.errors import UsageError
from generator.publish.byhand import by_hand
from generator.publish.console import Line, cards
from generator.publish.record import Record
from generator.publish.render import render


def sheet_html(record: Record, facts: Mapping[str, Any], language: str) -> str:
    """Write the sheet of a card as a page that needs no other file.

    Parameters
    ----------
    record : dict
        As :func:`generator.publish.record.record` makes it.
    facts : mapping
        ``title``, ``network``, ``contact``, ``licence`` and ``address`` of the publication.
    """
    hand = by_hand(record)
    values = {"scans": list(_scans(record, hand)), "hand": hand, "code": _code(record, facts)}
    return render("sheet.html.j2", language, card=record, site=facts, **values)


def _scans(record: Record, hand: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Number the scans and lay out what the file holds of each by the cards of the console."""
    number = 0
    for index, entry in enumerate(record["steps"]):
        step = entry["step"]
        if step["kind"] != "acquisition":
            continue
        number += 1
        yield {
            "number": number,
            "step": step,
            "row": entry["row"],
            "by_hand": [one for one in hand if index in one["scans"]],
            "missing": not entry["file"],
            "columns": _columns(cards(step, entry["file"] or step, record["target"])),
        }


def _code(record: Record, facts: Mapping[str, Any]) -> str | None:
    """Draw the address of the page of a card as a QR code; ``None`` where the site has no address."""
    if not facts.get("address"):
        return None
    import segno

    place = f"protocols/{record['protocol']}/{record['version']}/"
    made = segno.make(f"{facts['address'].rstrip('/')}/{place}", error="m", micro=False)
    return str(made.svg_inline(scale=2, border=2, omitsize=False, svgclass=None, lineclass=None))


_Card = tuple[str, list[Line]]


def _columns(groups: list[_Card]) -> tuple[list[_Card], list[_Card]]:
    """Deal cards out to two columns, in their order, so that the longer one is as short as it can be."""

    def lines(some: list[_Card]) -> int:
        return sum(len(rows) + 2 for _, rows in some)

    cuts = range(len(groups) + 1)
    cut = min(cuts, key=lambda at: max(lines(groups[:at]), lines(groups[at:])))
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

    page = HTML(string=html, base_url=None, url_fetcher=_no_address)
    made: bytes = page.write_pdf(pdf_identifier=b"examcard", font_config=_fonts())
    return made


@cache
def _fonts() -> Any:
    """Find the fonts of this machine once a process, not once a sheet."""
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def _no_address(address: str, *_: Any, **__: Any) -> dict[str, Any]:
    raise ValueError(f"a sheet needs no other file and fetches nothing: {address}")
