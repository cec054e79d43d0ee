"""Estimated acquisition times against those the consoles showed: `make accuracy`.

Every scan with a time in the corpus of real protocol files and every published card with a time. The page
``docs/accuracy.md`` is written by this module.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from generator import vendors
from generator.errors import ExamcardError
from generator.model.tree import Acquisition, ReadResult
from generator.timing import estimate, explain_missing

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
PAGE = ROOT / "docs" / "accuracy.md"
LIMIT = 0.05
_NOT_OFSEP = (None, "localizer", "calibration", "other")


@dataclass(frozen=True)
class Known:
    """A scan whose time a console showed, and what is known of the scanner."""

    scan: Acquisition
    source: str
    vendor: str
    field_strength: float | None = None
    software: str | None = None

    @property
    def stated(self) -> float:
        """Seconds on the console."""
        return self.scan.acquisition_duration or 0.0


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
        return self.error is not None and abs(self.error) <= LIMIT


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


def measure(known: Known) -> Timed:
    """Estimate one scan whose time is known."""
    scan, scanner = known.scan, (known.vendor, known.field_strength, known.software)
    found = estimate(scan, *scanner)
    return Timed(
        source=known.source,
        name=scan.name,
        vendor=known.vendor,
        role=scan.role,
        family=found.family if found else (scan.technique or "unknown").replace("_", " "),
        stated=known.stated,
        estimated=found.seconds if found else None,
        uncertainty=found.uncertainty if found else 0.0,
        missing="" if found else explain_missing(scan, *scanner),
    )


def corpus(folder: Path) -> list[Known]:
    """Read every timed scan of the protocol files below a folder, in order of their paths."""
    return [
        Known(
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
    """Read what a dialect recognises; acquired images and a printout that repeats an archive are left out."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".dcm"):
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
        parts = [measure(Known(_with_time(scan), card.source, card.vendor or "")) for scan in card.scans]
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page; with ``--write`` put it into docs as well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, default=CORPUS, help="folder of protocol files")
    parser.add_argument("--write", action="store_true", help="write docs/accuracy.md")
    options = parser.parse_args(arguments)
    if not options.corpus.is_dir():
        print(f"{options.corpus}: no such folder of protocol files", file=sys.stderr)
        return 2
    from bench.accuracy_page import page

    text = page(cards(), corpus(options.corpus))
    if options.write:
        PAGE.write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
