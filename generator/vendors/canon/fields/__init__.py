"""What a row cannot say: a scan on its way to the sheet (``View``), a SEQ of a PAS block back (``Seq``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput, shortened
from generator.model.tree import Acquisition, Note
from generator.text import number
from generator.vendors.canon import facts

PREPARED = frozenset({"magnetization_prepared_gradient_echo", "mp2rage"})
SPIN_ECHO_TRAINS = frozenset({"turbo_spin_echo", "single_shot_turbo_spin_echo"})
ECHO_PLANAR = frozenset({"echo_planar_diffusion", "echo_planar_bold"})


@dataclass(slots=True)
class View:
    """Canon's view of one acquisition.

    Attributes
    ----------
    values : dict
        Neutral field to the value to be entered, for fields that differ from the spec's; ``None`` = open.
    notes : dict of str
        By field, what the radiographer has to know.
    implied : set of str
        Fields that need no entry of their own, because other entries say the same.
    asked : set of str
        Fields without which this scan cannot be entered: printed open if the spec leaves them out.
    """

    scan: Acquisition
    values: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    implied: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def value(self, name: str) -> Any:
        """Value of a field as it is entered at the console."""
        return self.values[name] if name in self.values else getattr(self.scan, name)


@dataclass(slots=True)
class Seq:
    """One SEQ while it is read: its elements, what was made of them, what is to be noted."""

    path: Path
    place: str
    index: int
    elements: dict[str, str]
    public: dict[str, Any]
    fields: dict[str, Any] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, message: str, name: str | None = None) -> None:
        """Note something about this scan, perhaps about one field."""
        self.notes.append(Note(code=code, message=message, protocol=0, step=self.index, field=name))

    def number(self, element: str) -> float | None:
        """Value of an element as a number in the neutral unit; 0 means "not used" in these blocks."""
        text = self.elements.get(element, "").strip()
        if not text:
            return None
        return self.scaled(element, text) or None

    def scaled(self, element: str, text: str) -> float:
        """Read a number of an element in the neutral unit. Raises UnusableInput."""
        key = facts.BY_ELEMENT.get(element)
        value = number(text)
        if value is None:
            raise UnusableInput(self.path, f"{element}: {shortened(repr(text))} is not a number", self.place)
        return float(f"{value * (key.element_scale if key else 1.0):.12g}")

    def set(self, name: str, value: Any, element: str) -> None:
        """Take a value over, unless there is none."""
        if value is not None:
            self.fields[name] = value
            self.used.add(element)


def field_of(element: str) -> str:
    """Return the neutral field of an element of the PAS block."""
    name = facts.BY_ELEMENT[element].field
    assert name is not None
    return name
