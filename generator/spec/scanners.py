"""Scanner files: YAML to :class:`generator.model.scanner.Scanner`, with the source of every number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from generator import resources
from generator.model.fields import field_table
from generator.model.scanner import Scanner
from generator.model.tree import Target
from generator.spec.mappings import Citations, Layout, check_keys, is_id, read_citations, read_fields
from generator.spec.nodes import MappingNode, ScalarNode, compose
from generator.spec.source import Report, raise_all, read_source
from generator.spec.spec import NOMINAL, Fields, Given
from generator.text import did_you_mean

FOLDER = "scanners"
SITE_KEYS = ("extends", "donors", "variables", "changes")
"""What the file of a site's own scanner may say beside the fields of a scanner."""

NOTHING: Fields = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ScannerSpec:
    """A scanner as its file describes it.

    Attributes
    ----------
    fields : mapping of str to Given
        The stated values with their places and sources.
    """

    scanner: Scanner
    fields: Fields
    path: Path

    def unsourced(self) -> tuple[str, ...]:
        """Name the numbers whose author does not say where they come from."""
        table = field_table(Scanner)
        numbers = (name for name in self.fields if table[name].type in (int, float))
        return tuple(name for name in numbers if not self.fields[name].source)


def load_scanner(path: Path) -> ScannerSpec:
    """Load one scanner file.

    Raises
    ------
    SourceErrors
        Everything that is wrong with the file.
    UnusableInput
        If the file cannot be opened or is no text of a sensible length.
    """
    report = Report(read_source(path))
    root = compose(report.source, report)
    if root is not None and not isinstance(root, MappingNode):
        report.error("wrong-shape", "a scanner is a mapping", root.position, expected="scanner: <id>")
    fields = _fields(root, path, report) if isinstance(root, MappingNode) else {}
    raise_all(report.found)
    values = {name: given.value for name, given in fields.items()}
    return ScannerSpec(Scanner(**values), fields, path)


def read_scanner(root: MappingNode, path: Path, report: Report) -> Scanner | None:
    """Read a scanner of a site, which may extend a shipped one; ``None`` if that is not possible.

    Its further keys, ``SITE_KEYS``, are for the reader of the site.
    """
    node, base = root.entries.get("extends"), dict[str, Given]()
    if isinstance(node, ScalarNode):
        shipped = resources.specs(FOLDER) / f"{node.text}.yaml"
        if not is_id(node.text) or not shipped.is_file():
            known = sorted(one.stem for one in resources.specs(FOLDER).glob("*.yaml"))
            near = did_you_mean(node.text, known)
            message = f"there is no scanner {node.text!r} to extend"
            report.error(
                "unknown-scanner", message, node.position, expected=", ".join(known), suggestion=near
            )
            return None
        base = {name: given for name, given in load_scanner(shipped).fields.items() if name != "id"}
    fields = _fields(root, path, report, base, SITE_KEYS)
    return None if report.found else Scanner(**{name: given.value for name, given in fields.items()})


@cache
def load_scanners() -> dict[str, Scanner]:
    """Load every shipped scanner.

    Returns
    -------
    dict of str to Scanner
        By id, in alphabetical order.

    Raises
    ------
    SourceErrors, UnusableInput
        As :func:`load_scanner`.
    """
    found = (load_scanner(path).scanner for path in sorted(resources.specs(FOLDER).glob("*.yaml")))
    return {scanner.id: scanner for scanner in found}


@cache
def find_scanner(target: Target) -> Scanner | None:
    """Find the shipped scanner that a target names.

    Parameters
    ----------
    target : Target
        Its model may be the id, the maker's name or an alias of the scanner.

    Returns
    -------
    Scanner or None
        ``None`` if the target names no model, or one that is not known at its field strength.
    """
    if target.model is None:
        return None
    for path in sorted(resources.specs(FOLDER).glob(f"{target.vendor}-*.yaml")):
        scanner = load_scanner(path).scanner
        same_field = math.isclose(scanner.field_strength, target.field_strength, rel_tol=NOMINAL)
        if same_field and scanner.is_called(target.model):
            return scanner
    return None


def field_of_model(target: Target) -> float | None:
    """Field strength in T of the model that a target names, nearest to the target's own.

    Returns
    -------
    float or None
        ``None`` if the target names no model, or one that is not described.
    """
    called = [
        scanner.field_strength
        for scanner in load_scanners().values()
        if target.model and scanner.vendor == target.vendor and scanner.is_called(target.model)
    ]
    return min(called, key=lambda field: abs(field - target.field_strength), default=None)


def models_of(vendor: str) -> tuple[str, ...]:
    """Name the models of a maker that are described, with their fields: ``SIGNA Artist (1.5 T)``."""
    own = (scanner for scanner in load_scanners().values() if scanner.vendor == vendor)
    return tuple(f"{scanner.model} ({scanner.field_strength:g} T)" for scanner in own)


def _fields(
    root: MappingNode, path: Path, report: Report, base: Fields = NOTHING, extra: tuple[str, ...] = ()
) -> Fields:
    """Read the fields of a scanner and report what is missing or does not go together."""
    form = scanner_layout(*extra)
    check_keys(root, form.keys, report)
    cited = read_citations(root, [root], form, report, Citations())
    fields = {**base, **read_fields(root, form, report, cited)}
    for key, spec in form.fields.items():
        if spec.required and spec.name not in fields and key not in root.entries:
            report.error("missing-key", f"the scanner has no {key!r}", root.position)
    if "id" in fields and fields["id"].value != path.stem:
        message = f"the scanner {fields['id'].value!r} is in the file {path.name}"
        at = fields["id"].position
        report.error("id-mismatch", message, at, expected=f"scanner: {path.stem}")
    return fields


def scanner_layout(*extra: str) -> Layout:
    """Make the layout of a scanner file; ``extra`` names keys beside the fields."""
    fields = {"scanner" if name == "id" else name: spec for name, spec in field_table(Scanner).items()}
    return Layout(Scanner, fields, ("source", "sources", *extra))
