"""Estimated acquisition times against those the consoles showed: `make accuracy`.

Every scan with a time in the corpus of real protocol files and every published card with a time. The page
``docs/accuracy.md`` is written by this module.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from generator import vendors
from generator.errors import ExamcardError
from generator.model.tree import Acquisition, ReadResult
from generator.timing import estimate, explain_missing
from generator.timing.overheads import OVERHEADS

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
PAGE = ROOT / "docs" / "accuracy.md"
_LIMIT = 0.05
_NOT_OFSEP = (None, "localizer", "calibration", "other")


@dataclass(frozen=True)
class Timed:
    """One scan: what the console showed and what the parameters give."""

    source: str
    name: str
    vendor: str
    role: str | None
    family: str
    stated: float
    estimated: float | None
    uncertainty: float
    missing: str = ""

    @property
    def error(self) -> float | None:
        """Relative error of the estimate."""
        return None if self.estimated is None else self.estimated / self.stated - 1

    @property
    def near(self) -> bool:
        """Whether the estimate lies within 5 % of the console."""
        return self.error is not None and abs(self.error) <= _LIMIT


@dataclass(frozen=True)
class Summary:
    """The four figures the estimator is judged by, and how honest its uncertainty is."""

    timed: int
    estimated: int
    median: float
    near: int
    covered: int
    roles_off: tuple[Timed, ...]

    @property
    def share_estimated(self) -> float:
        return self.estimated / self.timed

    @property
    def share_near(self) -> float:
        return self.near / self.estimated

    @property
    def share_covered(self) -> float:
        return self.covered / self.estimated


def measure(
    scan: Acquisition,
    source: str,
    vendor: str,
    field_strength: float | None = None,
    software: str | None = None,
) -> Timed:
    """Estimate one scan whose time is known."""
    assert scan.acquisition_duration is not None
    found = estimate(scan, vendor, field_strength, software)
    return Timed(
        source=source,
        name=scan.name,
        vendor=vendor,
        role=scan.role,
        family=found.family if found else (scan.technique or "unknown").replace("_", " "),
        stated=scan.acquisition_duration,
        estimated=found.seconds if found else None,
        uncertainty=found.uncertainty if found else 0.0,
        missing="" if found else explain_missing(scan, vendor, field_strength, software),
    )


def corpus(folder: Path) -> list[Timed]:
    """Measure every timed scan of the protocol files below a folder, in order of their paths."""
    return [
        measure(
            scan,
            path.relative_to(folder).as_posix(),
            result.vendor,
            result.field_strength,
            result.software,
        )
        for path, result in _read_all(folder)
        for protocol in result.protocols
        for scan in protocol.acquisitions
        if scan.acquisition_duration
    ]


def _read_all(folder: Path) -> Iterator[tuple[Path, ReadResult]]:
    """Read what a dialect recognises; a printout that repeats an archive beside it is left out."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            dialect, form = vendors.of_file(path)
        except ExamcardError:
            continue
        archives = {path.with_suffix(suffix) for suffix in (".exar1", ".edx", ".pro")}
        if form == "siemens-printout-xml" and any(other.exists() for other in archives):
            continue
        try:
            yield path, dialect.read(path)
        except ExamcardError as error:
            print(error, file=sys.stderr)


def cards() -> list[Timed]:
    """Measure every published card with a time."""
    from tests.timing.facts import published

    found = []
    for card in published():
        parts = [measure(_with_time(scan), card.source, card.vendor or "") for scan in card.scans]
        first = parts[0]
        found.append(
            Timed(
                source="published",
                name=card.source,
                vendor=first.vendor,
                role=first.role,
                family=first.family,
                stated=card.stated,
                estimated=sum(part.estimated or 0.0 for part in parts),
                uncertainty=sum(part.uncertainty for part in parts),
            )
        )
    return found


def _with_time(scan: Acquisition) -> Acquisition:
    return scan.model_copy(update={"acquisition_duration": scan.acquisition_duration or 1.0})


def summarise(rows: Sequence[Timed]) -> Summary:
    """Count and compare."""
    known = [row for row in rows if row.estimated is not None]
    errors = [abs(row.error) for row in known if row.error is not None]
    return Summary(
        timed=len(rows),
        estimated=len(known),
        median=median(errors),
        near=sum(row.near for row in known),
        covered=sum(abs((row.estimated or 0) - row.stated) <= row.uncertainty + 0.5 for row in known),
        roles_off=tuple(row for row in known if row.role not in _NOT_OFSEP and not row.near),
    )


def _percent(value: float, digits: int = 0) -> str:
    return f"{100 * value:.{digits}f} %"


def page(published: Sequence[Timed], files: Sequence[Timed]) -> str:
    """Write docs/accuracy.md."""
    parts = [
        "# Acquisition times: estimate against console",
        "",
        "Generated by `make accuracy` from the protocol files the project is developed with and from",
        "published cards; nobody edits this page by hand. An estimate uses the parameters of a scan and the",
        "table of overheads of its vendor (`generator/timing/overheads.py`), never the stored time. ± is the",
        "uncertainty that the estimate states itself. A printout that repeats an archive beside it is left",
        "out.",
        "",
        *_summary_table({"protocol files": files, "published cards": published}),
        "",
        "## By vendor and family",
        "",
        *_family_table([*files, *published]),
        "",
        "## Published cards",
        "",
        *_scan_table(published),
        "",
        "## Protocol files",
    ]
    for source, rows in _grouped(files).items():
        parts += ["", f"### {source}", "", *_scan_table(rows)]
    parts += ["", "## Overheads", "", *_overhead_table()]
    return "\n".join(parts) + "\n"


def _summary_table(groups: dict[str, Sequence[Timed]]) -> Iterator[str]:
    yield "| | timed scans | estimated | median error | within 5 % | within ± | OFSEP roles beyond 5 % |"
    yield "|---|---|---|---|---|---|---|"
    for name, rows in groups.items():
        s = summarise(rows)
        yield (
            f"| {name} | {s.timed} | {_percent(s.share_estimated, 1)} | {_percent(s.median, 1)} "
            f"| {_percent(s.share_near, 1)} | {_percent(s.share_covered, 1)} | {len(s.roles_off)} |"
        )


def _family_table(rows: Iterable[Timed]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[Timed]] = defaultdict(list)
    for row in rows:
        groups[row.vendor, row.family].append(row)
    yield "| vendor | family | scans | estimated | median error | within 5 % |"
    yield "|---|---|---|---|---|---|"
    for (vendor, family), members in sorted(groups.items()):
        errors = [abs(row.error) for row in members if row.error is not None]
        figures = f"{_percent(median(errors), 1)} | {sum(row.near for row in members)}" if errors else "- | -"
        yield f"| {vendor} | {family} | {len(members)} | {len(errors)} | {figures} |"


def _scan_table(rows: Iterable[Timed]) -> Iterator[str]:
    yield "| scan | family | console s | estimate s | error |"
    yield "|---|---|---|---|---|"
    for row in rows:
        name = " ".join(row.name.replace("|", "/").replace("<", "(").replace(">", ")").split())
        if row.estimated is None or row.error is None:
            yield f"| {name} | {row.family} | {row.stated:.0f} | - | no estimate: {row.missing} |"
        else:
            figures = f"{row.estimated:.0f} ± {row.uncertainty:.0f} | {100 * row.error:+.1f} %"
            yield f"| {name} | {row.family} | {row.stated:.0f} | {figures} |"


def _overhead_table() -> Iterator[str]:
    yield "What is added to the bare encoding steps, and between which bounds it may lie; `*` is every vendor"
    yield "without an entry of its own and the neutral formula."
    yield ""
    yield "| term | vendor | value | bounds | source |"
    yield "|---|---|---|---|---|"
    for term, row in OVERHEADS.items():
        for vendor, entry in row.items():
            value = f"{entry.value:g} {entry.unit}".strip()
            bounds = f"{entry.low:g} to {entry.high:g}" if entry.low != entry.high else "-"
            yield f"| {term} | {vendor.replace('*', '`*`')} | {value} | {bounds} | {entry.source} |"


def _grouped(rows: Iterable[Timed]) -> dict[str, list[Timed]]:
    groups: dict[str, list[Timed]] = defaultdict(list)
    for row in rows:
        groups[row.source].append(row)
    return groups


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page; with ``--write`` put it into docs as well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, default=CORPUS, help="folder of protocol files")
    parser.add_argument("--write", action="store_true", help="write docs/accuracy.md")
    options = parser.parse_args(arguments)
    if not options.corpus.is_dir():
        print(f"{options.corpus}: no such folder of protocol files", file=sys.stderr)
        return 2
    text = page(cards(), corpus(options.corpus))
    if options.write:
        PAGE.write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
