"""The example projects: kinds and regions of their own, numbers with sources, cards for every vendor."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from generator import resources, vendors
from generator.model.tree import Contrast, Reformat, Target
from generator.model.words import KINDS
from generator.rules import packs
from generator.spec.find import find
from generator.spec.load import load
from generator.spec.project import read_site
from generator.spec.spec import Spec
from tests.cli.conftest import Run

EXAMPLES = sorted(resources.specs("examples").iterdir())

APART = {"acute-stroke": [["acute-stroke for philips 1.5 T", "TOF circle of Willis"]]}
"""Scans that take another time as written: no slabs can be written for Philips, one is measured for three."""


def spec_of(folder: Path) -> Spec:
    (path,) = find(str(folder))
    return load(path)


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_builds_for_every_vendor_without_findings(folder: Path, tmp_path: Path, run: Run) -> None:
    strength = f"{spec_of(folder).field_strengths[0]:g}T"
    targets = [word for vendor in vendors.names() for word in ("--vendor", vendor)]
    assert run("check", str(folder), *targets, "--field-strength", strength).code == 0
    built = run("build", str(folder), *targets, "--field-strength", strength, "-o", str(tmp_path))
    apart = [line for line in built.err.splitlines() if "what was written" in line]
    assert [line.split(": ")[:2] for line in apart] == APART.get(folder.name, [])
    assert built.code == (1 if apart else 0)
    made = [path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("manifest.json")]
    assert sorted(made) == sorted(vendors.names())


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_every_number_of_an_example_has_a_source(folder: Path) -> None:
    spec = spec_of(folder)
    for strength in spec.field_strengths:
        for vendor in vendors.names():
            assert spec.resolve(Target(vendor=vendor, field_strength=strength)).unsourced() == ()


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_the_kind_of_an_example_is_known_to_its_own_pack_alone(folder: Path) -> None:
    spec = spec_of(folder)
    assert spec.kind not in KINDS and spec.scope.root == folder
    (path,) = read_site(folder).scope.guidelines
    assert spec.kind in packs.get(path).words["kinds"]


def test_a_kind_that_no_guideline_knows_is_a_finding(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "liver.yaml"
    path.write_text("protocol: liver\ntitle: Liver\nkind: liver\nregion: abdomen\nsteps: []\n", "utf-8")
    said = run("check", str(path), "--vendor", "ge", "--field-strength", "3T")
    assert "warning[GUI908]" in said.out and "(kind liver)" in said.out and "(region abdomen)" in said.out


def test_examples_have_what_other_regions_need() -> None:
    every = [step for folder in EXAMPLES for step in _steps(folder)]
    injections = [step for step in every if isinstance(step, Contrast)]
    assert {(step.during, step.start_volume) for step in injections} == {("dsc", 11), ("dsc", 41)}
    assert {step.method for step in every if isinstance(step, Reformat)} == {None, "mip", "map"}
    said = {name for step in every for name, value in step if value is not None}
    assert {"station", "table_position", "branch", "saturation_bands", "number_of_slabs"} <= said


def _steps(folder: Path) -> tuple[object, ...]:
    spec = spec_of(folder)
    target = Target(vendor="siemens", field_strength=spec.field_strengths[0])
    return spec.resolve(target).protocol.steps


def test_codes_are_those_of_region_and_contrast(run: Run) -> None:
    said = run("show", str(spec_of(EXAMPLES[1]).path), "--vendor", "ge", "--field-strength", "3T").out
    assert EXAMPLES[1].name == "brain-tumour"
    assert "# LOINC 24587-8\n# SNOMED CT 12738006\n" in said  # MR brain without and with contrast


def test_loinc_codes_have_valid_check_digits() -> None:
    """Mod 10 of Luhn over the digits before the hyphen (LOINC Users' Guide, appendix C)."""
    table = yaml.safe_load(resources.specs("codes.yaml").read_text("utf-8"))["regions"]
    codes = [code for region in table.values() for code in region["loinc"].values()]
    assert len(codes) == 32 and len(set(codes)) == 32
    for number, check in (code.split("-") for code in codes):
        doubled = [int(digit) * (2 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(number))]
        total = sum(one // 10 + one % 10 for one in doubled)
        assert (10 - total % 10) % 10 == int(check), number


def test_every_vendor_says_how_the_agent_is_given(tmp_path: Path, run: Run) -> None:
    path = spec_of(EXAMPLES[1]).path
    run(
        "build",
        str(path),
        "--field-strength",
        "3T",
        "--vendor",
        "siemens",
        "--vendor",
        "canon",
        "-o",
        tmp_path,
    )
    for vendor in ("siemens", "canon"):
        manifest = next((tmp_path / vendor).rglob("manifest.json"))
        text = "".join(
            p.read_text("utf-8") for p in manifest.parent.rglob("*") if p.suffix in (".json", ".html")
        )
        text = " ".join(text.split())
        assert "flow rate 4 ml/s" in text and "flush volume 20 ml" in text and "with volume 41" in text, (
            vendor
        )
