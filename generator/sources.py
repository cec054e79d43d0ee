"""Anything that holds protocols, read into the tree: a spec, a vendor's file, a printout, acquired images.

Commands that take "a file of any kind" come here, and a new kind of source registers here alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from generator.errors import UsageError
from generator.model import tree

if TYPE_CHECKING:
    from generator.spec.spec import Spec

IMAGES = "generator.images.reader"
READERS: tuple[str, ...] = (IMAGES,)
"""Modules that fulfil :class:`Reader`, asked in this order before the dialects."""


class Reader(Protocol):
    """What a module needs to be listed in READERS."""

    def recognises(self, path: Path) -> bool:
        """Say whether a file or folder is of a kind that the module reads, by looking at its beginning."""

    def read(self, path: Path) -> tree.ReadResult:
        """Read it. Raises UnusableInput with the place in the file."""


@dataclass(frozen=True)
class Source:
    """What a user named: a spec, not yet made for a scanner, or a file that was read.

    Attributes
    ----------
    label : str
        As the user wrote it.
    chosen : tuple of int
        Indices of the protocols that the user asked for; of a spec its only one.
    """

    label: str
    spec: Spec | None = None
    result: tree.ReadResult | None = None
    chosen: tuple[int, ...] = field(default=(0,))

    @property
    def target(self) -> tree.Target:
        """The scanner that a file is of. Raises UsageError if it does not say its field strength."""
        assert self.result is not None
        if self.result.field_strength is None:
            raise UsageError(f"{self.label} does not say its field strength: give --field-strength")
        return tree.Target(
            vendor=self.result.vendor,
            field_strength=self.result.field_strength,
            software=self.result.software,
        )

    def read_for(self, target: tree.Target | None) -> tree.ReadResult:
        """Return the protocols that were asked for; those of a spec as they are for a target.

        Raises
        ------
        UsageError
            For a spec without a target.
        """
        if self.result is not None:
            return chosen_of(self.result, self.chosen)
        assert self.spec is not None
        if target is None:
            raise UsageError(f"{self.label} is a spec: name its scanner, --vendor and --field-strength")
        from generator.pipeline import with_names

        protocol = with_names(self.spec.resolve(target).protocol)
        return tree.ReadResult(
            format="spec",
            vendor=target.vendor,
            software=target.software,
            field_strength=target.field_strength,
            protocols=(protocol,),
        )


def open_source(name: str) -> Source:
    """Find and read what a user named.

    Parameters
    ----------
    name : str
        A file or folder, or the id of a shipped protocol; ``FILE#WHICH`` chooses among its protocols by name,
        path or number (from 1), see :func:`generator.vendors.opening.choose`.

    Raises
    ------
    UnusableInput, SourceErrors
        If it cannot be used.
    UsageError
        If there is no such thing.
    """
    path, which = _split(name)
    if not path.exists() or path.suffix in (".yaml", ".yml"):
        return Source(name, spec=_spec(name))
    result = read_any(path)
    if which is None:
        return Source(name, result=result, chosen=tuple(range(len(result.protocols))))
    from generator.vendors.opening import choose

    wanted = f"#{which}" if which.isdigit() else which
    return Source(name, result=result, chosen=choose(result.protocols, wanted))


def read_any(path: Path, *more: Path) -> tree.ReadResult:
    """Read a file or folder with the first reader that recognises it; several together must be images.

    Raises
    ------
    UnusableInput
        If none does, or the one that does cannot read it.
    """
    from generator.vendors import opening

    if more:
        return opening.held(path, lambda: cast("tree.ReadResult", import_module(IMAGES).read(path, *more)))
    return opening.held(path, lambda: _read_one(path))


def _read_one(path: Path) -> tree.ReadResult:
    from generator import vendors

    for reader in (cast(Reader, import_module(name)) for name in READERS):
        if reader.recognises(path):
            return reader.read(path)
    return vendors.of_file(path)[0].read(path)


def _split(name: str) -> tuple[Path, str | None]:
    """Split ``FILE#WHICH``; a file may have the sign in its own name."""
    if "#" not in name or Path(name).exists():
        return Path(name), None
    parts = name.split("#")
    for end in range(len(parts) - 1, 0, -1):
        if (path := Path("#".join(parts[:end]))).exists():
            return path, "#".join(parts[end:])
    return Path(name), None


def _spec(name: str) -> Spec:
    from generator.spec.load import find, load

    found: Sequence[Path] = find(name)
    if len(found) != 1:
        raise UsageError(f"{name} holds {len(found)} specs; name one of them", [str(path) for path in found])
    return load(found[0])


def chosen_of(result: tree.ReadResult, chosen: Sequence[int]) -> tree.ReadResult:
    """Keep some protocols of a file, and the notes that are about them or about the whole file."""
    renumbered = {old: new for new, old in enumerate(chosen)}
    notes = tuple(
        note if note.protocol is None else note.model_copy(update={"protocol": renumbered[note.protocol]})
        for note in result.notes
        if note.protocol is None or note.protocol in renumbered
    )
    return result.model_copy(
        update={"protocols": tuple(result.protocols[index] for index in chosen), "notes": notes}
    )
