"""From a file to a spec, or to all that is wrong with it."""

from __future__ import annotations

from pathlib import Path

from generator.spec.document import ProtocolReader
from generator.spec.find import find
from generator.spec.nodes import compose
from generator.spec.project import scope_of
from generator.spec.source import Report, Source, raise_all, read_source, shown
from generator.spec.spec import Scope, Spec

__all__ = ["find", "load", "load_text"]


def load(path: Path, scope: Scope | None = None) -> Spec:
    """Load a protocol file, what it extends and the definitions that it uses.

    Parameters
    ----------
    path : Path
        A YAML file with a ``protocol``.
    scope : Scope, optional
        The site and the scanner it is for; without it the site in whose folder the file is.

    Returns
    -------
    Spec
        Not yet made for a scanner; see :meth:`Spec.resolve`.

    Raises
    ------
    SourceErrors
        Everything that is wrong with the file and with its definitions.
    UnusableInput
        If the file cannot be opened or is no text of a sensible length.
    """
    return _load(read_source(path), path, scope or scope_of(path))


def load_text(text: str, file: str | Path = "<text>") -> Spec:
    """Load a protocol from a text.

    Parameters
    ----------
    text : str
        YAML.
    file : str or Path
        The name for messages; definitions are looked up beside it and above it.

    Raises
    ------
    SourceErrors
        Everything that is wrong with the text and with its definitions.
    """
    return _load(Source(shown(Path(file)), text), Path(file), scope_of(Path(file)))


def _load(source: Source, path: Path, scope: Scope) -> Spec:
    report = Report(source)
    root = compose(source, report, scope.variables)
    reader = ProtocolReader(path, report, scope)
    spec = reader.read(root) if root else None
    raise_all([*report.found, *reader.elsewhere])
    assert spec is not None, "a file without a spec has an error"
    return spec
