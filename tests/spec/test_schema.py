"""The JSON Schema accepts what the loader accepts, as an independent validator sees it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import resources
from generator.model.fields import field_table
from generator.model.tree import Acquisition, Target
from generator.model.units import KNOWN_UNITS
from generator.spec.dump import to_yaml
from generator.spec.load import load_text
from generator.spec.reference import insert
from generator.spec.schema import json_schema
from tests.conftest import ROOT
from tests.spec.broken import BROKEN
from tests.support.kitchen import KITCHEN_SINK, kitchen_sink
from tests.support.oracles import Oracles

# What a schema cannot see: the unit of a text, other files and lines, what stands beside, the YAML itself.
UNSEEN = {
    "wrong dimension", "misspelt unit", "unit in the wrong case", "megaseconds",
    "a unit that is a computation", "clock time", "decimal comma", "negative time", "endless time",
    "angle beyond a turn", "conflicting variants", "variant for an unknown vendor", "variant for null",
    "unknown definition", "reformat of no scan", "suppression of no step", "source of no value",
    "missing name", "missing source of a reformat", "definition for a protocol",
    "duplicate key", "yes for true", "two documents", "empty file", "tab", "tag", "python tag", "merge key",
    "null key", "list as key", "open bracket", "colon in a text", "text that begins with a sign",
    "unknown alias", "recursive alias", "alias bomb", "endless nesting", "nesting through aliases",
    "control character", "a control character by its escape", "a text that turns around",
}  # fmt: skip


def validate(oracles: Oracles, folder: Path, documents: dict[str, Any]) -> list[list[str]]:
    path = folder / "documents.json"
    path.write_text(json.dumps([json_schema(), documents]), "utf-8")
    found: list[list[str]] = oracles.run("json_schema", path)
    return found


def test_the_schema_accepts_what_the_loader_accepts(oracles: Oracles, tmp_path: Path) -> None:
    files = [KITCHEN_SINK, *(KITCHEN_SINK.parent / "sequences").glob("*.yaml")]
    files += [*resources.specs("sequences").glob("*.yaml"), *resources.specs("protocols").rglob("*.yaml")]
    documents = {file.name: yaml.safe_load(file.read_text("utf-8")) for file in files}
    dumped = to_yaml(kitchen_sink(Target(vendor="ge", field_strength=3.0)))
    documents["dumped"] = yaml.safe_load(dumped)
    assert validate(oracles, tmp_path, documents) == []


def test_the_schema_refuses_what_it_can_see(oracles: Oracles, tmp_path: Path) -> None:
    seen = {case: yaml.safe_load(text) for case, text in BROKEN.items() if case not in UNSEEN}
    refused = {name for name, _, _ in validate(oracles, tmp_path, seen)}
    assert set(seen) - refused == set()


def test_every_field_is_described_once_with_its_unit() -> None:
    defined = json_schema()["$defs"]
    for name, spec in field_table(Acquisition).items():
        if name != "kind":
            text = json.dumps(defined[f"acquisition.{name}"])
            assert spec.description in text
            assert ("quantity-" in text) is (spec.unit is not None), name
    units = {value["x-unit"] for name, value in defined.items() if name.startswith("quantity-")}
    assert {spec.unit for spec in field_table(Acquisition).values() if spec.unit} <= units


@pytest.mark.parametrize("unit", [*KNOWN_UNITS, "°", "s/mm²", "µs"])
def test_the_pattern_of_a_quantity_takes_every_unit(unit: str) -> None:
    pattern = json_schema()["$defs"]["quantity-ms"]["pattern"]
    for number in ("1", "-1.5", ".5", "2e3", "1."):
        assert re.search(pattern, f"{number} {unit}") and re.search(pattern, f"{number}{unit}")
        assert not re.search(pattern, number)


def test_the_page_of_the_language_is_up_to_date() -> None:
    page = (ROOT / "docs" / "spec-language.md").read_text("utf-8")
    assert insert(page) == page, "run python -m generator.spec.reference docs/spec-language.md"


def test_the_page_names_every_code_that_an_error_may_have() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "generator" / "spec").glob("*.py"))
    used = set(re.findall(r'(?:error|Diagnostic|stop)\(\s*"([a-z0-9]+(?:-[a-z0-9]+)+|tag|tab)"', sources))
    used |= set(re.findall(r'return "([a-z]+-[a-z]+)", f', sources))
    page = (ROOT / "docs" / "spec-language.md").read_text("utf-8")
    assert len(used) > 25
    assert {code for code in used if f"`{code}`" not in page} == set()


def test_the_examples_of_the_page_load(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "spec-language.md").read_text("utf-8")
    definition, protocol = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "sequences").mkdir()
    (tmp_path / "sequences" / "our-flair-3d.yaml").write_text(definition, "utf-8")
    resolved = load_text(protocol, tmp_path / "p.yaml").resolve(Target(vendor="ge", field_strength=1.5))
    flair = resolved.protocol.acquisitions[1]
    assert (flair.name, flair.repetition_time, flair.echo_train_length) == ("3D FLAIR", 6000, 160)
