"""Canon: an entry sheet to be typed in at the console, and a reader of what a scanner did.

No loadable protocol file of Canon's consoles is publicly documented, so none is made. What is written says
so on its first line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from generator.model.tree import Protocol, ReadResult, Target
from generator.vendors.dialect import BuildOptions, Export, ImageFields, ImageHeader, Inspection

SHEET, DICOM = "canon-sheet", "canon-pas-dicom"


class Canon:
    """The Canon dialect; each of its parts is imported when it is used."""

    vendor = "canon"
    formats = (SHEET, DICOM)

    def sniff(self, path: Path, head: bytes) -> str | None:
        """Say whether a file is a sheet of ours or a DICOM file of a Canon scanner."""
        from generator.vendors.canon.dicom import is_canon_dicom
        from generator.vendors.canon.sheet import is_sheet

        if is_sheet(path, head):
            return SHEET
        return DICOM if is_canon_dicom(path, head) else None

    def read(self, path: Path) -> ReadResult:
        """Read a sheet, or the scan in the PAS block of a DICOM file.

        Raises
        ------
        UnusableInput
            If it is neither, or broken.
        UsageError
            If DICOM is to be read and pydicom is not installed.
        """
        from generator.vendors.canon.dicom import is_canon_dicom
        from generator.vendors.canon.reader import read_dicom, read_sheet

        return read_dicom(path) if is_canon_dicom(path) else read_sheet(path)

    def read_files(self, files: Mapping[str, bytes]) -> ReadResult:
        """Read the sheet of an export as it is entered: without the spec's values beside the entries."""
        from generator.vendors.canon.facts import XML_NAME
        from generator.vendors.canon.reader import read_entered

        return read_entered(files[XML_NAME])

    def inspect(self, path: Path) -> Inspection:
        """Say what a file is and what to know before using it. Raises UnusableInput, UsageError."""
        from generator.vendors.canon.dicom import is_canon_dicom
        from generator.vendors.canon.inspect import inspect_dicom, inspect_sheet

        return inspect_dicom(path) if is_canon_dicom(path) else inspect_sheet(path)

    def build(self, protocol: Protocol, target: Target, options: BuildOptions) -> Export:
        """Write the entry sheet. Raises CannotBuild if a donor is given."""
        from generator.vendors.canon.writer import build

        return build(protocol, target, options)

    def of_image(self, header: ImageHeader) -> ImageFields:
        """Say what the elements of the vendor in an acquired image state."""
        from generator.vendors.canon.reader import of_image

        return of_image(header)

    def weighting(self, header: ImageHeader) -> tuple[float | None, tuple[float, ...] | None]:
        """Return b-value and gradient direction of an image without public ones."""
        from generator.vendors.canon.reader import weighting

        return weighting(header)


DIALECT = Canon()
