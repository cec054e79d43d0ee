"""The command line: parse, call, print. No logic lives here, and nothing heavy is imported to start."""

from __future__ import annotations

import gc
import io
import os
import sys
from functools import cache
from typing import Annotated

import typer

from generator import __version__
from generator.cli import common
from generator.errors import ExamcardError

app = typer.Typer(
    name="examcard",
    help="Compile one vendor-neutral MR protocol into checked exam cards, and read the vendors' own back.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"examcard {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Compile one vendor-neutral MR protocol into checked exam cards, and read the vendors' own back."""


def main() -> None:
    """Run the command line; whatever is wrong with an input ends as a message and exit code 2."""
    gc.set_threshold(100_000, 50, 50)  # a command lives for moments; collecting its parse trees costs more
    _speak_utf8()
    _register()
    try:
        app()
    except ExamcardError as error:
        common.complain(str(error))
        sys.exit(common.UNUSABLE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(common.FINE)
    except KeyboardInterrupt:
        sys.exit(common.UNUSABLE)
    except OSError as error:
        common.complain(f"{error.filename or 'the output'}: {error.strerror or error}")
        sys.exit(common.UNUSABLE)
    except Exception as error:
        if os.environ.get("EXAMCARD_DEBUG"):
            raise
        kind = type(error).__name__
        common.complain(
            f"internal error ({kind}: {error}). This is a fault of examcard; "
            "run it again with EXAMCARD_DEBUG=1 for the details to report."
        )
        sys.exit(common.UNUSABLE)


def _speak_utf8() -> None:
    """Write UTF-8 into files and pipes whatever the locale; a terminal that cannot gets escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


@cache
def _register() -> None:
    from generator.cli import (
        building,
        checking,
        contrast,
        donors,
        fitting,
        planning,
        publishing,
        reading,
        schema,
        site,
        timing,
    )

    for module in (
        *(checking, timing, contrast, fitting, donors, building, reading),
        *(planning, publishing, site, schema),
    ):
        module.register(app)
