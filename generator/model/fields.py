"""What is declared about each field of the tree, as data for loaders, schemas and tables."""

from __future__ import annotations

import types
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from generator.model.tree import Known, Quantity

Shape = Literal["scalar", "list", "fixed"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: its shape, its plain type and, for a quantity, its canonical unit.

    Attributes
    ----------
    shape : {"scalar", "list", "fixed"}
        ``fixed`` is a list of exactly ``length`` entries.
    type : type
        ``float``, ``int``, ``bool``, ``str`` or ``dict``; of one entry for lists.
    unit : str or None
        Canonical unit of a quantity; ``None`` for a plain number or text.
    choices : tuple of str
        The closed list of words the field admits, empty if it is open.
    known : tuple of str
        Words of an open list, for messages and editors.
    """

    name: str
    shape: Shape
    type: type
    unit: str | None
    choices: tuple[str, ...]
    length: int | None
    description: str
    required: bool
    known: tuple[str, ...] = ()


@cache
def field_table(model: type[BaseModel]) -> dict[str, FieldSpec]:
    """Describe every field of a tree class, in declaration order."""
    return {name: _describe(name, info) for name, info in model.model_fields.items()}


def _describe(name: str, info: FieldInfo) -> FieldSpec:
    marks: list[Any] = list(info.metadata)
    inner, length, shape = _strip(info.annotation, marks), None, "scalar"
    if get_origin(inner) is tuple:
        items = get_args(inner)
        shape, length = ("list", None) if items[-1] is Ellipsis else ("fixed", len(items))
        inner = _strip(items[0], marks)
    choices: tuple[str, ...] = ()
    if get_origin(inner) is Literal:
        choices, inner = get_args(inner), str
    unit = next((mark.unit for mark in marks if isinstance(mark, Quantity)), None)
    plain = inner if inner in (float, int, bool, str) else dict
    return FieldSpec(
        name=name,
        shape=shape,  # type: ignore[arg-type]
        type=plain,
        unit=unit,
        choices=choices,
        length=length,
        description=info.description or "",
        required=info.is_required(),
        known=next((mark.words for mark in marks if isinstance(mark, Known)), ()),
    )


def _strip(annotation: Any, marks: list[Any]) -> Any:
    """Peel ``X | None`` and ``Annotated[X, ...]``, collecting the annotations on the way."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *found = get_args(annotation)
            marks.extend(found)
        elif get_origin(annotation) in (Union, types.UnionType):
            some = [arg for arg in get_args(annotation) if arg is not type(None)]
            if len(some) != 1:
                return annotation
            annotation = some[0]
        else:
            return annotation
