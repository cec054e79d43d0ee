"""What a site knows of its own making: which versions it holds, from when, and from which inputs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput, UsageError

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
    """

    days: dict[str, str] = field(default_factory=dict)
    digest: str = ""


@dataclass
class State:
    """The memory of a site; ``digest`` is of everything that the catalogue was made from."""

    protocols: dict[str, History] = field(default_factory=dict)
    digest: str = ""

    def to_bytes(self) -> bytes:
        """Serialise it."""
        protocols = {name: vars(one) for name, one in sorted(self.protocols.items())}
        value = {"form": _FORM, "digest": self.digest, "protocols": protocols}
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
        return State(protocols, value["digest"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableInput(path, f"cannot be read: {error}") from error
