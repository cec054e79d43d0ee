"""YAML by libyaml where it is installed, else by PyYAML itself, as in a browser: the same, only slower."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any


@cache
def loader() -> Any:
    """Return the safe loader of this machine."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(source: Path | bytes | str) -> Any:
    """Load a file or a text that the program ships or wrote. Raises OSError, yaml.YAMLError."""
    import yaml

    return yaml.load(source.read_bytes() if isinstance(source, Path) else source, Loader=loader())
