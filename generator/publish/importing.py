"""How an export gets onto a console, by vendor and release: ``import.yaml`` in the folder of its vendor."""

from __future__ import annotations

from functools import cache

from generator import yaml
from generator.model.tree import Node
from generator.vendors.profile import beside


class Act(Node):
    """One step of an import, or one thing that is known to hinder it.

    Attributes
    ----------
    of : tuple of str
        Beginnings of the releases it is for; without any, all.
    known : tuple of str, optional
        Beginnings of the releases it was read of; of all others it is from memory. Without it, of all.
    """

    text: str
    of: tuple[str, ...] = ()
    known: tuple[str, ...] | None = None

    def recalled(self, release: str | None) -> bool:
        """Say whether it is from memory for a release."""
        return self.known is not None and not _begins(release, self.known)


class Import(Node):
    """The steps of an import in their order, and what hinders it."""

    steps: tuple[Act, ...] = ()
    hinders: tuple[Act, ...] = ()


@cache
def _whole(vendor: str) -> Import:
    found = beside(vendor, "import.yaml")
    return Import() if found is None else Import.model_validate(yaml.load(found))


@cache
def import_of(vendor: str, release: str | None) -> Import:
    """Return how a file of a release is imported; of an unknown release all that any of them takes."""
    whole = _whole(vendor)
    fitting = [
        tuple(one for one in acts if not one.of or release is None or _begins(release, one.of))
        for acts in (whole.steps, whole.hinders)
    ]
    return Import(steps=fitting[0], hinders=fitting[1])


def _begins(release: str | None, names: tuple[str, ...]) -> bool:
    return release is not None and release.upper().startswith(names)
