"""The command line: parse, call, print. No logic lives here, and nothing heavy is imported to start."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys

from generator import answers


def main() -> None:
    """Run the command line; whatever is wrong with an input ends as a message and exit code 2."""
    _speak_utf8()
    try:
        known = answers.again()
        if known is not None:
            sys.exit(known)
        _work()
    except (Exception, KeyboardInterrupt) as error:
        from generator.cli.common import report

        sys.exit(report(error))


def _work() -> None:
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "1"
    )  # none is used; to look for one reads every package
    gc.set_threshold(100_000, 50, 50)  # a command lives for moments; collecting its parse trees costs more
    atexit.register(gc.freeze)  # nor are they to be collected when it ends: that took a fifth of a short one
    from generator.cli.commands import app

    app()


def _speak_utf8() -> None:
    """Write UTF-8 into files and pipes whatever the locale; a terminal that cannot gets escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
