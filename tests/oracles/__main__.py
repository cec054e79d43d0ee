"""Runs one oracle after the other, as it is asked to: what they import is imported once.

Each line of the input is a JSON list, the name of a script and its arguments; each line of the output is a
list of two: what the script printed, and how it failed (``null`` if it did not).
"""

from __future__ import annotations

import contextlib
import io
import json
import runpy
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).parent


def answer(script: str, arguments: list[str]) -> tuple[str, str | None]:
    said = io.StringIO()
    path = str(HERE / f"{script}.py")
    sys.argv = [path, *arguments]
    try:
        with contextlib.redirect_stdout(said):
            runpy.run_path(path, run_name="__main__")
    except BaseException:
        return said.getvalue(), traceback.format_exc()
    return said.getvalue(), None


if __name__ == "__main__":
    for line in sys.stdin:
        name, *given = json.loads(line)
        print(json.dumps(answer(name, given)), flush=True)
