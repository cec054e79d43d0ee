"""What dicompare makes of a schema: its lint, and its verdict on cases of images with given fields."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pandas
from dicompare.io import load_schema
from dicompare.schema.lint import lint_schema
from dicompare.validation import check_acquisition_compliance


def verdicts(schema: dict[str, Any], images: dict[str, dict[str, Any]]) -> dict[str, list[list[str]]]:
    """Name and status of every check of every acquisition that has images."""
    found = {}
    for name, rows in images.items():
        table = pandas.DataFrame(rows)
        checks = check_acquisition_compliance(
            in_session=table, schema_acquisition=schema["acquisitions"][name]
        )
        found[name] = [[check["field"], check["status"]] for check in checks]
    return found


if __name__ == "__main__":
    _, schema, _ = load_schema(sys.argv[1])
    given = json.loads(Path(sys.argv[2]).read_text())
    lint = [finding.to_dict() for finding in lint_schema(schema)]
    print(json.dumps({"lint": lint, "verdicts": [verdicts(schema, case) for case in given]}))
