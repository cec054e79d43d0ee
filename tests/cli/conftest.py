"""Runs commands in this process, as the shell would see them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from generator import cli


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs `examcard ARGUMENTS` and gives exit code, output and messages."""

    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["examcard", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        text = capsys.readouterr()
        code = exit_.value.code
        return Done(code if isinstance(code, int) else 0, text.out, text.err)

    return call
