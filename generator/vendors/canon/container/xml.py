"""The XML of the sheet as a tree, read so that no input can do harm, and held against its schema."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import limits, resources, xml
from generator.errors import UnusableInput
from generator.vendors.canon import facts

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from lxml.etree import XMLSchema

MAX_BYTES = limits.SHEET_BYTES
"""A sheet of a hundred scans has half a megabyte."""

_FAMILY = facts.NAMESPACE.rpartition(":")[0]
_IN_NAMESPACE = re.compile(r"\{[^}]*\}")


def is_sheet(path: Path, head: bytes) -> bool:
    """Say whether a file, or the file of an exported folder, is an entry sheet of ours."""
    if path.is_dir():
        return (path / facts.XML_NAME).is_file()
    return _FAMILY.encode() in head and b"<sheet" in head


@cache
def schema() -> bytes:
    """Return the XML Schema of the sheet, as shipped."""
    return resources.templates("vendors", "canon", facts.XSD_NAME).read_bytes()


def load(path: Path) -> tuple[Path, Element]:
    """Read a sheet and hold it against the schema.

    Parameters
    ----------
    path : Path
        The XML file, or the folder of the export.

    Returns
    -------
    Path, element
        The file that was read, and its root.

    Raises
    ------
    UnusableInput
        With the line, if the file is not well-formed, not a sheet, or not valid.
    """
    file = path / facts.XML_NAME if path.is_dir() else path
    content = _bytes(file)
    root = parse(file, content)
    name, namespace = root.tag.rpartition("}")[2], root.tag.rpartition("}")[0][1:]
    if namespace != facts.NAMESPACE or name != "sheet":
        known = namespace.rpartition(":")[0] == _FAMILY
        reason = "made by another version of this program" if known else "not a Canon entry sheet"
        raise UnusableInput(file, f"{reason}: its root is <{name}> of {namespace or 'no namespace'!r}")
    _validate(file, content)
    return file, root


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusableInput(file, error.strerror or str(error)) from error
    if len(content) > MAX_BYTES:
        raise UnusableInput(file, f"larger than {MAX_BYTES // 2**20} MB: not an entry sheet")
    return content


def parse(path: Path, content: bytes, where: str | None = None) -> Element:
    """Parse UTF-8 XML; see :func:`generator.xml.parse`."""
    return xml.parse(content, path, where, encoding="utf-8")


@cache
def _schema() -> XMLSchema:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.XMLSchema(etree.fromstring(schema(), parser))


def _validate(path: Path, content: bytes) -> None:
    """Hold a sheet against its schema where lxml is installed; nothing else here can."""
    try:
        from lxml import etree
    except ImportError:
        return
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:  # what expat takes, such as another version of XML
        raise UnusableInput(path, f"damaged XML: {error.msg}", f"line {error.lineno or 1}") from error
    validator = _schema()
    if validator.validate(root):
        return
    errors: Any = validator.error_log
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    raise UnusableInput(path, _IN_NAMESPACE.sub("", first.message) + more, f"line {first.line}")
