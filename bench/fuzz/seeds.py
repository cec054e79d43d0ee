"""Small sound files of every format, of the program's own making; and those of a folder, if one is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from xml.sax.saxutils import escape

from generator.pipeline import Card
from generator.vendors import account, get
from generator.vendors.dialect import BuildOptions

SPEC = """\
protocol: fuzz
title: Two scans
region: brain
field_strengths: [3 T]
steps:
  - acquisition: t1-3d
    name: 3D T1
  - contrast: {agent: gadobutrol, dose: 0.1 mmol/kg}
  - acquisition: dwi
"""
LARGEST = 200_000


@dataclass(frozen=True)
class Seed:
    """A sound file, and whether a card can be cloned from it."""

    name: str
    data: bytes
    donor: str | None = None

    @property
    def suffix(self) -> str:
        """Suffix of the name, which says how it is damaged."""
        return Path(self.name).suffix


def own(folder: Path) -> list[Seed]:
    """Make one file of each format."""
    return [*_exports(folder), *_others(folder), *_images(folder)]


def _exports(folder: Path) -> Iterator[Seed]:
    from generator import pipeline

    (folder / "fuzz.yaml").write_text(SPEC)
    for vendor in ("siemens", "ge", "philips", "canon"):
        export = pipeline.build(card(folder, vendor), BuildOptions())
        name = account.card_of(get(vendor), Path(), export).as_posix()
        yield Seed(f"{vendor}{Path(name).suffix}", export.files[name], None if vendor == "canon" else vendor)


def _others(folder: Path) -> Iterator[Seed]:
    from tests.support import pdf
    from tests.vendors.canon import test_dicom as canon
    from tests.vendors.ge import support as ge
    from tests.vendors.ge import test_printouts as ge_print
    from tests.vendors.ge.container import test_lxprotocol_in_images as ge_dicom
    from tests.vendors.philips import test_printout as philips_print
    from tests.vendors.siemens import test_printouts as siemens_print

    text = ge.lx()
    yield Seed("ge-series.lx", text)
    yield Seed("ge-site.tar", ge.tar_of(ge.protocol_files({"Ax T2": text, "Sag T1": text})), "ge")
    yield Seed(
        "ge-block.dcm", ge_dicom.dicom_file(folder / "g.dcm", ge_dicom.wrapped(ge_dicom.BLOCK)).read_bytes()
    )
    yield Seed("ge-print.html", ge_print.page().encode())
    yield Seed("canon-pas.dcm", canon.write(folder / "c.dcm", canon.pas(canon.ELEMENTS)).read_bytes())
    rows = [*philips_print.GEOMETRY, *philips_print.CONTRAST, *philips_print.INFO]
    yield Seed("philips-print.txt", philips_print.export(rows).encode("cp1252"))
    page = pdf.write(folder / "s.pdf", [siemens_print.page("en")])
    yield Seed("siemens-print.pdf", page.read_bytes())
    yield from _siemens(folder)


def _siemens(folder: Path) -> Iterator[Seed]:
    from generator.vendors.siemens.container import edx, exar
    from tests.vendors.siemens import make
    from tests.vendors.siemens import test_printouts as printed

    archive = exar.read(make.written(folder, make.template()))
    texts = [
        str(exar.unwrap(exar.loads(archive.content(key))[1]).get("Data", ""))
        for key in archive.contents
        if archive.content(key).startswith(exar.CLASS_PREFIX.encode() + b"EdfProtocolContent")
    ]
    yield Seed("siemens.pro", texts[0].encode("latin-1", "replace"))
    head = b"MrEdbType=%s\r\nMrEdbName=%s\r\n%s"
    records = [
        edx.Record(
            head % (b"Prog", b"card", b"MrEdbPartname=P0\r\nMrEdbPartname=P1\r\n"), b"Archive=1\r\n", 2
        )
    ]
    for i, one in enumerate(texts[:2]):
        records.append(edx.Record(head % (b"Prot", b"P%d" % i, b""), one.encode("latin-1", "replace"), 0))
    yield Seed(
        "siemens.edx", edx.Edx(b"MrEdxFile\r\n11300\r\nProg\r\n\r\n", tuple(records)).to_bytes(), "siemens"
    )
    rows = [*printed.ROWS["en"]["rows"], *printed.ROWS["en"]["more"]]
    xml = "".join(
        f"<ProtParameter><Label>{a}</Label><ValueAndUnit>{escape(b)}</ValueAndUnit></ProtParameter>"
        for a, b in rows
    )
    header = f"<ProtHeaderInfo><HeaderProtPath>{printed.PATH}</HeaderProtPath></ProtHeaderInfo>"
    header = header.replace(
        "</ProtHeaderInfo>", f"<HeaderProperty>{printed.TIME}</HeaderProperty></ProtHeaderInfo>"
    )
    yield Seed(
        "siemens-print.xml", f"<PrintOut><Protocol>{header}<Card>{xml}</Card></Protocol></PrintOut>".encode()
    )
    lines = [
        "",
        "SIEMENS MAGNETOM Any syngo MR E11",
        "-" * 60,
        f"   {printed.PATH}",
        f"   {printed.TIME}",
        "Routine",
    ]
    text = "\n".join([*lines, *(f"     {a:<40}{b}" for a, b in rows)])
    yield Seed("siemens-print.txt", text.encode("cp1252"))


def _images(folder: Path) -> Iterator[Seed]:
    """One image of each vendor and kind."""
    from tests.images.test_reader import DWI
    from tests.support import dicom

    for maker, enhanced in product(("siemens", "ge", "philips", "canon"), (False, True)):
        series = dicom.Series(
            DWI.model_copy(update={"number_of_slices": 1}), 1, maker=maker, enhanced=enhanced
        )
        place = dicom.write(folder / f"{maker}{enhanced}", series)
        path = next(p for p in sorted(place.rglob("*")) if p.is_file())
        yield Seed(f"image-{maker}{'-enhanced' * enhanced}.dcm", path.read_bytes())


def found(folder: Path) -> list[Seed]:
    """Files of a folder that are small enough to be damaged thousands of times."""
    suffixes = {".exar1": "siemens", ".edx": "siemens", ".tar": "ge", ".ExamCard": "philips"}
    return [
        Seed(path.name, path.read_bytes(), suffixes.get(path.suffix))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.stat().st_size <= LARGEST and path.suffix not in (".md", ".json")
    ]


def card(folder: Path, vendor: str) -> Card:
    """Return the card that is to be cloned from damaged donors."""
    from generator import pipeline

    return pipeline.ready(folder / "fuzz.yaml", pipeline.Choice((vendor,), (3.0,)))[0]
