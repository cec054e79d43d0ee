"""Checks that data cannot express: one file, one function, one page of the reference.

The file ``fov_matrix_voxel.py`` holds the check ``fov-matrix-voxel``, its function is named ``check`` and
its docstring says under fixed headings what it checks, why, an example, what to use instead and its source.
A pack refers to it with ``check: fov-matrix-voxel``; title, severity and examples stay in the pack.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

from generator.rules.language import Check


@cache
def names() -> tuple[str, ...]:
    """Name the checks there are."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))


@cache
def get(name: str) -> Check:
    """Return the function of a check that is one of :func:`names`."""
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    return cast(Check, module.check)
