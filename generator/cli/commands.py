"""The commands, by the modules that register them; nothing heavy is imported to start."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info, get_command_name
from typer.models import CommandInfo

from generator import __version__


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
