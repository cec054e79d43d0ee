"""`examcard schema`."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(schema)


def schema(
    packs: Annotated[bool, typer.Option("--packs", help="The schema of rule packs instead.")] = False,
) -> None:
    """Print the JSON Schema of the spec language, or of rule packs, for editors."""
    from generator.cli.common import print_json
    from generator.rules.metaschema import pack_schema
    from generator.spec.schema import json_schema

    print_json(pack_schema() if packs else json_schema())
