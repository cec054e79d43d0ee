"""Validate documents against a JSON Schema: prints [name, place, message] of every error."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

schema, documents = json.loads(Path(sys.argv[1]).read_text("utf-8"))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
print(
    json.dumps(
        [
            [name, error.json_path, error.message]
            for name, document in documents.items()
            for error in validator.iter_errors(document)
        ]
    )
)
