"""The object graph of a card: what a .NET program keeps in memory and the SOAP formatter writes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

SYSTEM = "http://schemas.microsoft.com/clr/ns/System"
COLLECTIONS = "http://schemas.microsoft.com/clr/ns/System.Collections"
ASSEMBLIES = "http://schemas.microsoft.com/clr/nsassem/"


@dataclass(eq=False, slots=True)
class Text:
    """A string object; members that hold the same one share it."""

    value: str


@dataclass(frozen=True, slots=True)
class Plain:
    """A number, a truth value or an enum of a declared type, as written."""

    value: str


@dataclass(frozen=True, slots=True)
class Typed:
    """An enum that names its type."""

    namespace: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Null:
    """Nothing, in one of the two forms the formatter writes."""

    typed: bool = True


@dataclass(eq=False, slots=True)
class Inline:
    """A value type, written where it is used."""

    namespace: str
    type: str
    members: list[tuple[str, Value]]


@dataclass(eq=False, slots=True)
class Node:
    """An object of a class."""

    namespace: str
    name: str
    members: list[tuple[str, Value]] = field(default_factory=list)

    def get(self, name: str) -> Value | None:
        """Return a member, ``None`` if the class has none of this name."""
        return next((value for key, value in self.members if key == name), None)

    def set(self, name: str, value: Value) -> None:
        """Replace a member that is there.

        Raises
        ------
        KeyError
            If the class has no member of this name.
        """
        for index, (key, _) in enumerate(self.members):
            if key == name:
                self.members[index] = (name, value)
                return
        raise KeyError(name)


@dataclass(eq=False, slots=True)
class Array:
    """An array of objects or values.

    Attributes
    ----------
    namespace : str
        Of the element type; empty for types of XML Schema, whose ``type`` then reads ``xsd:...``.
    length : int
        Capacity; trailing nulls are not among the items.
    """

    namespace: str
    type: str
    length: int
    items: list[Value] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Bytes:
    """A byte array, as its base64 text."""

    base64: str


Value = Text | Plain | Typed | Null | Inline | Node | Array | Bytes
Thing = Node | Array | Bytes


@dataclass(slots=True)
class Card:
    """A loaded card: the root of its graph and how the file writes lines.

    Attributes
    ----------
    newline : str
        ``\\r\\n`` as the console writes it, or ``\\n`` of a file that went through version control.
    tail : bytes
        What stands behind the envelope.
    """

    root: Node
    newline: str = "\r\n"
    tail: bytes = b"\r\n"


def walk(root: Thing) -> Iterator[Thing]:
    """Visit every object that can be reached, breadth first, each once."""
    queue: list[Thing] = [root]
    seen = {id(root)}
    for thing in queue:
        yield thing
        for value in children(thing):
            if isinstance(value, Node | Array | Bytes) and id(value) not in seen:
                seen.add(id(value))
                queue.append(value)


def children(thing: Thing | Inline) -> Iterator[Value]:
    """Values of the members or items of an object, those of inline values included."""
    if isinstance(thing, Bytes):
        return
    values = thing.items if isinstance(thing, Array) else [value for _, value in thing.members]
    for value in values:
        yield value
        if isinstance(value, Inline):
            yield from children(value)
