"""Where the shipped templates and specs are: inside the wheel, or beside the package in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def _root() -> Path:
    packed = _PACKAGE / "_data"
    return packed if packed.is_dir() else _PACKAGE.parent


def templates(*parts: str) -> Path:
    """Path of a shipped template file or folder."""
    return _root().joinpath("templates", *parts)


def specs(*parts: str) -> Path:
    """Path of a shipped spec file or folder."""
    return _root().joinpath("specs", *parts)


def beside(name: str) -> Path:
    """Path of something that is made beside the shipped files, such as the page for the browser."""
    return _root() / name
