"""Siemens: .exar1 (VD/VE and XA), .edx (VB), .pro, and printouts as XML, PDF and text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.model.tree import Note, Protocol, ReadResult, Target
    from generator.vendors.dialect import BuildOptions, Export, ImageFields, ImageHeader, Inspection
    from generator.vendors.matching import Donor, Gaps


class Siemens:
    """The dialect of Siemens consoles."""

    vendor = "siemens"
    gaps: tuple[Gaps, ...] = ("refuse", "sheet", "template")
    formats = (
        "siemens-exar1",
        "siemens-edx",
        "siemens-pro",
        "siemens-printout-xml",
        "siemens-printout-pdf",
        "siemens-printout-text",
    )

    def sniff(self, path: Path, head: bytes) -> str | None:
        """Recognise a file by its suffix or by its first bytes."""
        from generator.vendors.siemens.container import format_of

        return format_of(path, head)

    def kind_of(self, path: Path, head: bytes) -> str | None:
        """Name a file that is no protocol archive of ours."""
        from generator.vendors.siemens.container import kind_of

        return kind_of(head)

    def read(self, path: Path) -> ReadResult:
        """Read an archive, a protocol or a printout.

        Raises
        ------
        UnusableInput
            If the file cannot be used, with the place in it.
        """
        from generator.vendors.siemens import printouts, reader

        kind = self._format(path)
        if read := reader.READERS.get(kind):
            return read(path)
        return printouts.read(path, kind)

    def read_files(self, files: Mapping[str, bytes]) -> ReadResult:
        """Read the archive of an export that is not on disk yet."""
        from generator.vendors.siemens import reader

        return reader.read_export(files)

    def inspect(self, path: Path) -> Inspection:
        """Say what a file is; an archive is put through the self-checks.

        Raises
        ------
        UnusableInput
            If the file cannot be read at all.
        """
        from generator.vendors.siemens.inspect import inspect

        return inspect(path, self._format(path), self.read)

    def self_checks(self, path: Path) -> tuple[Note, ...]:
        """Return the self-checks that an archive fails; other files have none. Raises UnusableInput."""
        from generator.vendors.siemens.inspect import self_checks

        return self_checks(path, self._format(path))

    def build(self, protocol: Protocol, target: Target, options: BuildOptions) -> Export:
        """Write a resolved protocol: from templates, or by patching a donor archive.

        Raises
        ------
        UnusableInput
            If the donor cannot be read.
        CannotBuild
            If the donor is of another release than the target, or holds no step to clone.
        UsageError
            If the target asks for a release that no template is made for.
        """
        if options.plan is not None:
            from generator.vendors.siemens.donor import build_from_donors

            return build_from_donors(protocol, target, options)
        from generator.vendors.siemens.writer import build_from_templates

        return build_from_templates(protocol, target, options)

    def describe(self, path: Path) -> Donor:
        """Describe every step of an export with what a clone would bring along. Raises UnusableInput."""
        from generator.vendors.siemens.donor import describe

        return describe(path)

    def gate(self, files: Mapping[str, bytes]) -> tuple[Note, ...]:
        """Name every relation of real files that a step of an export breaks."""
        from generator.vendors.siemens.reader import broken_relations

        return broken_relations(files)

    def _format(self, path: Path) -> str:
        from generator import limits
        from generator.errors import UnusableInput

        head = limits.head(path)
        found = self.sniff(path, head)
        if found is None:
            what = self.kind_of(path, head)
            message = "not a Siemens protocol file (.exar1, .edx, .pro or printout)"
            raise UnusableInput(path, f"{message}: this is {what}" if what else message)
        return found

    def of_image(self, header: ImageHeader) -> ImageFields:
        """Say what the elements of the vendor in an acquired image state."""
        from generator.vendors.siemens.images import of_image

        return of_image(header)

    def weighting(self, header: ImageHeader) -> tuple[float | None, tuple[float, ...] | None]:
        """Return b-value and gradient direction of an image without public ones."""
        from generator.vendors.siemens.images import weighting

        return weighting(header)


DIALECT = Siemens()
