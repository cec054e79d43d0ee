"""Independent readers, run in an environment of their own: `.venv-oracles`.

Each oracle is a script in tests/oracles that takes file paths and prints one JSON value. One process
runs them all.
"""

from __future__ import annotations

import json
import select
import subprocess
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 100  # s


class Oracles:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.process: subprocess.Popen[str] | None = None

    def run(self, script: str, *arguments: str | Path) -> Any:
        """Run ``tests/oracles/<script>.py`` and return the JSON value that it prints."""
        process = self.process = self.process or self._begin()
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps([script, *map(str, arguments)]) + "\n")
        process.stdin.flush()
        assert select.select([process.stdout], [], [], PATIENCE)[0], f"{script} does not answer"
        answer = process.stdout.readline()
        assert answer, f"{script} ended the process"
        said, wrong = json.loads(answer)
        assert wrong is None, wrong
        return json.loads(said)

    def _begin(self) -> subprocess.Popen[str]:
        python = self.root / ".venv-oracles" / "bin" / "python"
        if not python.exists():
            pytest.skip("the independent readers are not installed; `make test` installs them")
        command = [str(python), str(self.root / "tests" / "oracles" / "__main__.py")]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end(self) -> None:
        """End the process; one that does not answer any more is killed."""
        if self.process is None:
            return
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
