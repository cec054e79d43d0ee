"""`examcard schema`."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(schema)


def schema() -> None:
    """Print the JSON Schema of the spec language, for editors."""
    from generator.cli.common import print_json
    from generator.spec.schema import json_schema

    print_json(json_schema())
