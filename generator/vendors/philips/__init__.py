"""Philips: ExamCards of R3.2 to R11.1, and printouts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from generator.model import tree
from generator.vendors.dialect import BuildOptions, Dialect, Export, ImageFields, ImageHeader, Inspection
from generator.vendors.matching import Donor, Gaps


class Philips:
    """The dialect; heavy parts are imported when they are used."""

    vendor = "philips"
    formats: tuple[str, ...] = ("philips-examcard", "philips-printout")
    gaps: tuple[Gaps, ...] = ("refuse", "sheet", "template")

    def sniff(self, path: Path, head: bytes) -> str | None:
        """Recognise a SOAP envelope, or the name of a card whose content is damaged."""
        if b"<SOAP-ENV:Envelope" in head or path.suffix.casefold() == ".examcard":
            return self.formats[0]
        from generator.vendors.philips import printouts

        return printouts.sniff(path, head)

    def read(self, path: Path) -> tree.ReadResult:
        """Read a card or a printout; see ``.reader`` and ``.printouts``."""
        from generator.vendors.philips import printouts, reader

        return printouts.read(path) if printouts.is_one(path) else reader.read(path)

    def read_files(self, files: Mapping[str, bytes]) -> tree.ReadResult:
        """Read a card from memory; see :func:`generator.vendors.philips.reader.read_bytes`."""
        from generator.vendors.philips.reader import read_bytes

        name, content = next(iter(files.items()))
        return read_bytes(Path(name), content)

    def inspect(self, path: Path) -> Inspection:
        """Describe a card; see :func:`generator.vendors.philips.inspect.inspect`."""
        from generator.vendors.philips import printouts
        from generator.vendors.philips.inspect import inspect

        if printouts.is_one(path):
            return Inspection.of_printout(printouts.read(path))
        return inspect(path)

    def describe(self, path: Path) -> Donor:
        """Describe the scans of a card; see :func:`generator.vendors.philips.donor.describe`."""
        from generator.vendors.philips.donor import describe

        return describe(path)

    def gate(self, files: Mapping[str, bytes]) -> tuple[tree.Note, ...]:
        """Name broken relations; see :func:`generator.vendors.philips.donor.gate`."""
        from generator.vendors.philips.donor import gate

        return gate(files)

    def build(self, protocol: tree.Protocol, target: tree.Target, options: BuildOptions) -> Export:
        """Write a card; see :mod:`generator.vendors.philips.writer` and, with a donor, ``.donor``."""
        if options.plan is not None or options.donor is not None:
            from generator.vendors.philips.donor import build_from_donor

            return build_from_donor(protocol, target, options)
        from generator.vendors.philips.writer import build

        return build(protocol, target, options)

    def of_image(self, header: ImageHeader) -> ImageFields:
        """Say what the elements of the vendor in an acquired image state."""
        from generator.vendors.philips.images import of_image

        return of_image(header)

    def weighting(self, header: ImageHeader) -> tuple[float | None, tuple[float, ...] | None]:
        """Return b-value and gradient direction of an image without public ones."""
        from generator.vendors.philips.images import weighting

        return weighting(header)


DIALECT: Dialect = Philips()
