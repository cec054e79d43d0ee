"""The dialects, one sub-package a vendor, imported only when they are asked for.

A sub-package becomes a dialect by being there: it has a module-level ``DIALECT`` that fulfils
:class:`generator.vendors.dialect.Dialect`. Nothing else lists the vendors.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from generator.errors import UnusableInput, UsageError
from generator.text import did_you_mean
from generator.vendors.profile import names

if TYPE_CHECKING:
    from generator.vendors.dialect import Dialect

__all__ = ["get", "names", "of_file", "read", "refuse_unknown"]


@cache
def get(vendor: str) -> Dialect:
    """Return the dialect of a vendor; raises as :func:`refuse_unknown`."""
    refuse_unknown(vendor)
    return cast("Dialect", import_module(f"{__name__}.{vendor}").DIALECT)


def refuse_unknown(vendor: str) -> None:
    """Say that there is no such dialect, without importing those there are.

    Raises
    ------
    UsageError
        If there is none; it names those there are.
    """
    if vendor not in names():
        near = did_you_mean(vendor, names())
        hint = f", did you mean {near!r}?" if near else ""
        raise UsageError(f"no dialect for vendor {vendor!r}{hint}", names())


def of_file(path: Path) -> tuple[Dialect, str]:
    """Find the dialect that recognises a file, and the format it takes it for.

    Raises
    ------
    UnusableInput
        If the file cannot be opened or no dialect recognises it.
    """
    if not path.exists():
        raise UnusableInput(path, "no such file or directory")
    try:
        head = b""
        if path.is_file():
            with path.open("rb") as stream:
                head = stream.read(4096)
        for vendor in names():
            if found := get(vendor).sniff(path, head):
                return get(vendor), found
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    raise UnusableInput(path, f"not a protocol file of {', '.join(names())}{_kind(path, head)}")


def _kind(path: Path, head: bytes) -> str:
    """What the file is instead, where a dialect knows it."""
    from generator import paper
    from generator.vendors.dialect import NamesKinds

    if head.startswith(paper.SIGNATURE):
        return f": this is a PDF; {paper.no_printout(path)}"
    dialects = (get(vendor) for vendor in names())
    kinds = (d.kind_of(path, head) for d in dialects if head and isinstance(d, NamesKinds))
    found = next(filter(None, kinds), None)
    return f": this is {found}" if found else ""
