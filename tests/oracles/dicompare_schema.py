"""What dicompare makes of schemas: their lint, and their verdict on cases of images with given fields."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pandas
from dicompare.io import load_schema
from dicompare.schema.lint import lint_schema
from dicompare.validation import check_acquisition_compliance


def verdicts(
    schema: dict[str, Any], rules: dict[str, Any], images: dict[str, dict[str, Any]]
) -> dict[str, list[list[str]]]:
    """Name and status of every check of every acquisition that has images."""
    found = {}
    for name, rows in images.items():
        cells = {
            key: [tuple(v) if isinstance(v, list) else v for v in column] for key, column in rows.items()
        }
        table = pandas.DataFrame({"Acquisition": name, **cells})
        checks = check_acquisition_compliance(
            in_session=table,
            schema_acquisition=schema["acquisitions"][name],
            validation_rules=rules.get(name),
        )
        found[name] = [
            [check["rule_name"] if check.get("rule_name") else check["field"], check["status"]]
            for check in checks
        ]
    return found


def judged(path: str, cases: list[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Lint of a schema, and its verdict on every case."""
    _, schema, rules = load_schema(path)
    lint = [finding.to_dict() for finding in lint_schema(schema)]
    return {"lint": lint, "verdicts": [verdicts(schema, rules, case) for case in cases]}


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps([judged(one["schema"], one["cases"]) for one in given]))
