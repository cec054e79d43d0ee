"""Independent readers, run in an environment of their own: `.venv-oracles`.

Each oracle is a script in tests/oracles that takes file paths and prints one JSON value.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Oracles:
    root: Path

    def run(self, script: str, *arguments: str | Path) -> Any:
        """Run ``tests/oracles/<script>.py`` and return the JSON value that it prints."""
        python = self.root / ".venv-oracles" / "bin" / "python"
        if not python.exists():
            pytest.skip("the independent readers are not installed; `make test` installs them")
        command = [str(python), str(self.root / "tests" / "oracles" / f"{script}.py"), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
