"""The command line: parse, call, print. No logic lives here, and nothing heavy is imported to start."""

from __future__ import annotations

import atexit
import gc
import inspect
import io
import os
import sys
from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info, get_command_name
from typer.models import CommandInfo

from generator import __version__
from generator.cli import common
from generator.errors import ExamcardError


class Commands(TyperGroup):
    """The commands, each with its options made when it is called; to be listed, its docstring is enough."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, info in _registered().items():
            self.add_command(TyperCommand(name, help=inspect.getdoc(info.callback)))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is called, as typer does, and make it whole."""
        name, listed, rest = super().resolve_command(ctx, args)
        info = _registered()[name] if listed and name else None
        return name, info and get_command_from_info(info, **_LOOKS), rest


_LOOKS: Any = {"rich_markup_mode": None, "pretty_exceptions_short": False}

app = typer.Typer(
    name="examcard",
    cls=Commands,
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
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "1"
    )  # none is used; to look for one reads every package
    gc.set_threshold(100_000, 50, 50)  # a command lives for moments; collecting its parse trees costs more
    atexit.register(gc.freeze)  # nor are they to be collected when it ends: that took a fifth of a short one
    _speak_utf8()
    try:
        app()
    except ExamcardError as error:
        common.complain(str(error))
        if "--json" in sys.argv:
            common.print_failures(error)
        sys.exit(common.UNUSABLE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(common.FINE)
    except KeyboardInterrupt:
        sys.exit(common.INTERRUPTED)
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
def _registered() -> dict[str, CommandInfo]:
    """What every module registers, by the name that it is called by."""
    from generator.cli import (
        auditing,
        building,
        checking,
        comparing,
        contrast,
        donors,
        fitting,
        planning,
        publishing,
        reading,
        schema,
        site,
        timing,
        translating,
    )

    known = typer.Typer()
    for module in (
        *(checking, timing, contrast, fitting, donors, building, reading, comparing, translating),
        *(auditing, planning, publishing, site, schema),
    ):
        module.register(known)
    infos = ((one.name or one.callback.__name__, one) for one in known.registered_commands if one.callback)
    return {get_command_name(name): info for name, info in infos}
