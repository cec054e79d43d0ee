"""Scans whose time a console showed: the protocol files of ``../shared/corpus`` and published cards.

Files of one site and siblings of one protocol are one *export*: whoever knows one of them knows the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator import vendors
from generator.errors import ExamcardError
from generator.model.tree import Acquisition, ReadResult
from generator.timing.compare import timed_as_read

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
LIMIT = 0.05

_SPINE, _AAT = "spine-generic", "aat-ipem"
EXPORTS = {
    **dict.fromkeys(("siemens/VB17A", "siemens/VE11C", "siemens/VE11P"), _SPINE),
    **dict.fromkeys(("siemens/XA20", "siemens/XA61", "philips/R5.3", "ge/DV25.1"), _SPINE),
    **dict.fromkeys(("siemens/XA51", "philips/R11.1", "ge/MR30.0"), _AAT),
    **{"siemens/XA11B": "coma", "siemens/XA60": "dicompare", "siemens/VD11": "axcal"},
    **{"siemens/printouts": "rhineland", "philips/R5.7": "gyrotools", "philips/R5.9": "ssdense"},
}
"""Folder of the corpus to the export it belongs to: the site, or the protocol that several sites run."""

_CARDS = {
    **dict.fromkeys(("sie-prisma-mprage-tra-qsi", "sie-prisma-t2space-qsi", "sie-prisma-flair2d-qsi"), "qsi"),
    **dict.fromkeys(("sie-skyra-ukb-t1", "sie-skyra-ukb-flair", "sie-skyra-ukb-swi"), "uk-biobank"),
    **dict.fromkeys(("sie-prisma-ncanda-mprage", "sie-ncanda-t2space"), "ncanda"),
    **dict.fromkeys(("sie-ncanda-dti60", "sie-ncanda-dti30"), "ncanda"),
    **dict.fromkeys(("phl-neuroq-s18", "phl-neuroq-cs36", "phl-dti-s2mb2"), "philips-kit"),
    **{f"phl-brainview-flair-cs{factor}": "philips-kit" for factor in (2, 4, 8)},
    **dict.fromkeys(("phl-abcd-dti", "phl-abcd-t1", "phl-abcd-t2"), "abcd"),
    **dict.fromkeys(("ge-pioneer-mprage-r22", "ge-pioneer-dwi-tensor"), "pioneer"),
    "sie-prisma-rls-flair": "rhineland",
}
"""Published card to its export; the other cards are printouts of exports in the corpus."""


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

    @property
    def export(self) -> str:
        """The export that it is of, one of a vendor."""
        folder = "/".join(self.source.split("/")[:2])
        return _CARDS.get(self.source) or EXPORTS.get(folder, folder)

    @property
    def release(self) -> str:
        return self.software or "published card"


def truth(folder: Path) -> list[Known]:
    """Every known time once: scans that an export repeats count as one."""
    found: dict[str, Known] = {}
    for known in (*corpus(folder), *cards()):
        made = known.scan.model_dump_json(exclude={"name", "vendor", "role", "definition", "instruction"})
        found.setdefault(f"{known.vendor} {known.export} {made}", known)
    return list(found.values())


def corpus(folder: Path) -> list[Known]:
    """Read every timed scan of the protocol files below a folder, in order of their paths."""
    return [
        Known(scan, path.relative_to(folder).as_posix(), found.vendor, found.field_strength, found.software)
        for path, found in _read_all(folder)
        for protocol in found.protocols
        for scan in protocol.acquisitions
        if scan.acquisition_duration
    ]


def _read_all(folder: Path) -> Iterator[tuple[Path, ReadResult]]:
    """Read the exports; a printout that repeats an archive beside it, and images, are left out."""
    paths = (path for vendor in vendors.names() for path in (folder / vendor).rglob("*") if path.is_file())
    for path in sorted(paths):
        if path.suffix in (".pdf", ".html") or (
            path.suffix == ".xml" and path.with_suffix(".exar1").exists()
        ):
            continue
        try:
            dialect, _ = vendors.of_file(path)
        except ExamcardError:
            continue
        yield path, timed_as_read(dialect.read(path))


def cards() -> list[Known]:
    """Every published card of one scan that assumes no input, and whose export is not in the corpus."""
    from tests.timing.facts import published

    return [
        Known(
            card.scans[0].model_copy(update={"acquisition_duration": card.stated}),
            card.source,
            card.vendor or "",
            card.field_strength,
        )
        for card in published()
        if card.source in _CARDS and len(card.scans) == 1 and card.use != "assumed-input"
    ]
