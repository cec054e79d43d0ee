"""GE: the protocol archives of Protocol Exchange (``LxProtocol``, ``session.xml``), and printouts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from generator import limits
from generator.errors import UnusableInput
from generator.model.tree import Note, Protocol, ReadResult, Target
from generator.vendors.dialect import BuildOptions, Export, ImageFields, ImageHeader, Inspection
from generator.vendors.matching import Donor, Gaps


class GeDialect:
    """Reader and writer of GE protocols; the parts are imported when they are asked for."""

    vendor = "ge"
    gaps: tuple[Gaps, ...] = ("refuse", "sheet", "template")
    formats: tuple[str, ...] = ("ge-protocol", "ge-lxprotocol", "ge-printout")

    def sniff(self, path: Path, head: bytes) -> str | None:
        """Say whether a file or folder is a GE protocol, and in which form."""
        from generator.vendors.ge import container, printouts

        return container.sniff(path, head) or printouts.sniff(path, head)

    def read(self, path: Path) -> ReadResult:
        """Read a protocol archive, a folder, one LxProtocol, the block inside a DICOM file, or a printout."""
        from generator.vendors.ge import printouts, reader

        try:
            data = limits.content(path)
        except UnusableInput:  # asked for afterwards: most are files, and asking costs as much as reading
            if path.is_dir():
                return reader.read(path)
            raise
        return printouts.read(path) if printouts.sniff(path, data[:4096]) else reader.read_file(path, data)

    def read_files(self, files: Mapping[str, bytes]) -> ReadResult:
        """Read an export of ours from memory."""
        from generator.vendors.ge.reader import read_files

        return read_files(files)

    def inspect(self, path: Path) -> Inspection:
        """Say what a file is and what is known to hinder its import."""
        from generator.vendors.ge import printouts
        from generator.vendors.ge.inspect import inspect

        if printouts.is_one(path):
            return Inspection.of_printout(printouts.read(path))
        return inspect(path)

    def describe(self, path: Path) -> Donor:
        """Describe every series of an export that can be cloned."""
        from generator.vendors.ge.donor import describe

        return describe(path)

    def gate(self, files: Mapping[str, bytes]) -> tuple[Note, ...]:
        """Name every relation of real files that a written series breaks."""
        from generator.vendors.ge.relations import broken

        return tuple(broken(files))

    def build(self, protocol: Protocol, target: Target, options: BuildOptions) -> Export:
        """Write a protocol from templates, or by cloning the donor steps of a plan."""
        if options.plan is not None:
            from generator.vendors.ge.donor import build as build_from_donor

            return build_from_donor(protocol, target, options)
        from generator.vendors.ge.writer import build as build_from_templates

        return build_from_templates(protocol, target, options)

    def of_image(self, header: ImageHeader) -> ImageFields:
        """Say what the elements of the vendor in an acquired image state."""
        from generator.vendors.ge.images import of_image

        return of_image(header)

    def weighting(self, header: ImageHeader) -> tuple[float | None, tuple[float, ...] | None]:
        """Return b-value and gradient direction of an image without public ones."""
        from generator.vendors.ge.images import weighting

        return weighting(header)


DIALECT = GeDialect()
