"""Protocols of a file chosen by what a user types: a name, a path, or a number among those that fit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.errors import UsageError
from generator.model.tree import Protocol


def choose(protocols: Sequence[Protocol], wanted: str) -> tuple[int, ...]:
    """Find protocols by name or path, such as ``Head/AAT options`` or ``AAT options#3``.

    Parameters
    ----------
    wanted : str
        A name; or folders and name with ``/`` between them, some of the folders may be left out; or either
        with ``#`` and the number, from 1, among the protocols that fit; or ``#`` and a number in the file.

    Returns
    -------
    tuple of int
        Indices of all that fit, in the order of the file.

    Raises
    ------
    UsageError
        If none fits; it lists what can be typed.
    """
    exact = tuple(i for i, p in enumerate(protocols) if wanted in (p.name, "/".join(_path(p))))
    name, number = _split(wanted)
    found = exact or tuple(i for i, p in enumerate(protocols) if _fits(name, p))
    if not exact and number is not None:
        found = found[number - 1 : number] if number else ()
    if not found:
        raise UsageError(f"no protocol {wanted!r} in the file", labels(protocols))
    return found


def labels(protocols: Sequence[Protocol]) -> list[str]:
    """What to type for each protocol: its path, with a number where that of another is the same."""
    paths = ["/".join(_path(p)) for p in protocols]
    return [
        path if paths.count(path) == 1 else f"{path}#{paths[: i + 1].count(path)}"
        for i, path in enumerate(paths)
    ]


def _split(wanted: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(.*)#(\d+)", wanted)
    return (match[1], int(match[2])) if match else (wanted, None)


def _path(protocol: Protocol) -> tuple[str, ...]:
    path = protocol.path
    return path if path[-1:] == (protocol.name,) else (*path, protocol.name)


def _fits(wanted: str, protocol: Protocol) -> bool:
    """Say whether the parts of a typed path are folders of a protocol in order, the last one its name."""
    path = _path(protocol)
    whole = "/".join(path)  # a name may have a slash of its own
    if not wanted or whole == wanted or whole.endswith(f"/{wanted}"):
        return True
    *folders, name = wanted.split("/")
    left = iter(path[:-1])
    return path[-1] == name and all(folder in left for folder in folders)
