"""XML, read so that no input can do harm: without document types, entities, network or endless depth.

lxml reads it where it is installed, expat where not, as in a browser. Both give the same elements: comments
and processing instructions are left out, and what lxml refuses, expat decides and says why.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from generator import limits
from generator.errors import UnusableInput

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_DEPTH = limits.XML_DEPTH
"""Levels of elements; that of libxml2. A session of GE has five, a printout nine."""


def parse(data: bytes, path: Path | str, where: str | None = None, encoding: str | None = None) -> Element:
    """Parse XML.

    Parameters
    ----------
    path : Path or str
        The file, for messages.
    where : str, optional
        Place of the XML inside the file, for messages; without it they name the line.
    encoding : str, optional
        What the XML is in, whatever it says itself.

    Raises
    ------
    UnusableInput
        With the line of the fault, if it is not well-formed, too deep, or has a document type.
    """
    root = _by_lxml(data, encoding)
    if root is not None:
        return root
    try:
        return _by_expat(data, encoding)
    except _Fault as fault:
        raise UnusableInput(path, fault.message, where or f"line {fault.line}") from None


def line(element: Element) -> int | None:
    """Return the line of an element; of a start tag on several lines the first or the last."""
    found: int | None = getattr(element, "sourceline", None)
    return found


def children(element: Element, tag: str) -> list[Element]:
    """Return the elements directly below whose name begins so."""
    return [child for child in element if child.tag.startswith(tag)]


def _by_lxml(data: bytes, encoding: str | None) -> Element | None:
    """Parse by lxml; ``None`` if it is not installed or refuses."""
    try:
        from lxml import etree
    except ImportError:
        return None
    try:
        root = etree.fromstring(data, _parser(encoding))
    except etree.XMLSyntaxError:
        return None
    information: Any = root.getroottree().docinfo
    return None if information.doctype else cast("Element", root)


@cache
def _parser(encoding: str | None) -> Any:
    from lxml import etree

    return etree.XMLParser(
        encoding=encoding, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        collect_ids=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip


class _Fault(Exception):
    """What is wrong with the XML, and in which line."""

    def __init__(self, message: str, line: int) -> None:
        self.message, self.line = message, line


def _by_expat(data: bytes, encoding: str | None) -> Element:
    from xml.parsers import expat

    parser = expat.ParserCreate(encoding, "}")
    parser.buffer_text = parser.ordered_attributes = True
    builder = _Builder(parser)
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = builder.data, builder.doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code).removeprefix("not well-formed ").strip("()")
        raise _Fault(f"damaged XML: {why}", error.lineno) from None
    except (ValueError, LookupError) as error:  # an encoding that Python has not
        raise _Fault(f"damaged XML: {error}", 1) from None
    return builder.root


class _Builder:
    """Builds the elements that expat speaks of, each with its line as lxml has it."""

    def __init__(self, parser: Any) -> None:
        from xml.etree.ElementTree import Element, TreeBuilder

        class Placed(Element):
            sourceline = 0

        self._tree, self._parser, self._depth = TreeBuilder(element_factory=Placed), parser, 0

    def start(self, name: str, attributes: list[str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._fault(f"more than {MAX_DEPTH} elements inside one another")
        names = map(_full, attributes[::2])
        element: Any = self._tree.start(_full(name), dict(zip(names, attributes[1::2], strict=True)))
        element.sourceline = self._parser.CurrentLineNumber

    def end(self, name: str) -> None:
        self._depth -= 1
        self._tree.end(_full(name))

    def data(self, text: str) -> None:
        self._tree.data(text)

    def doctype(self, *_: Any) -> None:
        raise self._fault("XML with a DOCTYPE: document types and entities are refused")

    def _fault(self, message: str) -> _Fault:
        return _Fault(message, self._parser.CurrentLineNumber)

    @property
    def root(self) -> Element:
        return self._tree.close()


def _full(name: str) -> str:
    """Name of expat with a namespace as ElementTree and lxml write it."""
    return "{" + name if "}" in name else name
