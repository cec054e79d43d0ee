"""GE: the protocol archives of Protocol Exchange (``LxProtocol``, ``session.xml``)."""

from __future__ import annotations

from pathlib import Path

from generator.model.tree import Protocol, ReadResult, Target
from generator.vendors.dialect import BuildOptions, Export, Inspection


class GeDialect:
    """Reader and writer of GE protocols; the parts are imported when they are asked for."""

    vendor = "ge"
    files_own_losses = True
    formats: tuple[str, ...] = ("ge-protocol", "ge-lxprotocol")

    def sniff(self, path: Path, head: bytes) -> str | None:
        """Say whether a file or folder is a GE protocol, and in which form."""
        from generator.vendors.ge.package import sniff

        return sniff(path, head)

    def read(self, path: Path) -> ReadResult:
        """Read a protocol archive, a folder, one LxProtocol or the block inside a DICOM file."""
        from generator.vendors.ge.reader import read

        return read(path)

    def inspect(self, path: Path) -> Inspection:
        """Say what a file is and what is known to hinder its import."""
        from generator.vendors.ge.inspection import inspect

        return inspect(path)

    def build(self, protocol: Protocol, target: Target, options: BuildOptions) -> Export:
        """Write a protocol from templates, or by patching a donor of the site."""
        if options.donor is not None:
            from generator.vendors.ge.donor import build as build_from_donor

            return build_from_donor(protocol, target, options)
        from generator.vendors.ge.writer import build as build_from_templates

        return build_from_templates(protocol, target, options)


DIALECT = GeDialect()
