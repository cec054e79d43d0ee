"""What a site knows of its own making: which versions it holds, from when, and from which inputs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput, UsageError
from generator.model.tree import Node
from generator.publish.notice import Approval, Notice

NAME = "build.json"
_FORM = 1


@dataclass
class History:
    """One protocol on a site.

    Attributes
    ----------
    days : dict of str to str
        Version to the day on which it appeared, in the order of publication.
    digest : str
        Of everything that its cards and pages were made from.
    marks : dict of str to str
        Version to a digest of what its pages say became of it.
    """

    days: dict[str, str] = field(default_factory=dict)
    digest: str = ""
    marks: dict[str, str] = field(default_factory=dict)


@dataclass
class State:
    """The memory of a site.

    Attributes
    ----------
    digest : str
        Of everything that the catalogue was made from.
    number, date : int, str
        Which publication this is, and its day: that of the newest version or notice.
    notices : list of Notice
        All that were ever published, in order: what was said of a card is not unsaid by leaving it out.
    approvals : list of Approval
        Those of the publication as it is.
    private : str or None
        Centre whose own site it is.
    """

    protocols: dict[str, History] = field(default_factory=dict)
    digest: str = ""
    number: int = 0
    date: str = ""
    notices: list[Notice] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    private: str | None = None

    def to_bytes(self) -> bytes:
        """Serialise it."""
        protocols = {name: vars(one) for name, one in sorted(self.protocols.items())}
        said: dict[str, Sequence[Node]] = {"notices": self.notices, "approvals": self.approvals}
        value = {
            "form": _FORM,
            "number": self.number,
            "date": self.date,
            "digest": self.digest,
            "private": self.private,
            **{name: [one.model_dump(mode="json") for one in listed] for name, listed in said.items()},
            "protocols": protocols,
        }
        return (json.dumps(value, indent=1) + "\n").encode()


def read(site: Path) -> State:
    """Read the memory of a site; an empty one if there is no site yet.

    Raises
    ------
    UsageError
        If there is a folder that is no site; it is not replaced.
    UnusableInput
        If the memory cannot be read.
    """
    path = site / NAME
    if not site.exists() or (site.is_dir() and not any(site.iterdir())):
        return State()
    if not path.is_file():
        raise UsageError(f"{site} exists and is no site of this program; it is not replaced")
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if value["form"] != _FORM:
            raise ValueError("made by a later program")
        protocols = {name: History(**one) for name, one in value["protocols"].items()}
        notices = [Notice.model_validate(one) for one in value.get("notices", [])]
        approvals = [Approval.model_validate(one) for one in value.get("approvals", [])]
        number, date = value.get("number", 0), value.get("date", "")
        return State(protocols, value["digest"], number, date, notices, approvals, value.get("private"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableInput(path, f"cannot be read: {error}") from error
