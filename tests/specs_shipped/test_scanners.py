"""The shipped scanners, and how a target finds its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import resources
from generator.model.tree import Target
from generator.spec.diagnostic import SourceErrors
from generator.spec.scanners import find_scanner, load_scanner, load_scanners
from tests.specs_shipped.cards import SCANNERS, VENDORS, scans

GOOD = """\
scanner: test-one
vendor: ge
model: One
field_strength: 3 T
maximum_gradient: 40 mT/m
maximum_slew_rate: 150 T/m/s
source: "own choice: a scanner for tests"
"""


@pytest.mark.parametrize("path", SCANNERS, ids=lambda path: path.stem)
def test_a_scanner_loads_and_names_its_sources(path: Path) -> None:
    spec = load_scanner(path)
    assert spec.scanner.id == path.stem
    assert spec.unsourced() == ()
    assert 20 <= spec.scanner.maximum_gradient <= 200  # a Cima.X; whole-body systems before it had 80 at most
    assert 100 <= spec.scanner.maximum_slew_rate <= 250
    assert spec.scanner.software and spec.scanner.head_coil_channels


def test_every_vendor_has_two_models_or_more_and_both_fields() -> None:
    for vendor in VENDORS:
        own = [scanner for scanner in load_scanners().values() if scanner.vendor == vendor]
        assert len(own) >= 2
        assert {scanner.field_strength for scanner in own} == {1.5, 3.0}


def test_no_name_means_two_scanners() -> None:
    for scanner in load_scanners().values():
        for name in (scanner.id, scanner.model, *scanner.aliases):
            target = Target(vendor=scanner.vendor, field_strength=scanner.field_strength, model=name)
            assert find_scanner(target) == scanner


@pytest.mark.parametrize("model", ["prisma", "MAGNETOM PRISMA", " Prisma fit ", "siemens-magnetom-prisma"])
def test_a_target_may_name_its_model_in_many_ways(model: str) -> None:
    found = find_scanner(Target(vendor="siemens", field_strength=2.89, model=model))
    assert found is not None and found.maximum_gradient == 80


@pytest.mark.parametrize(
    ("vendor", "field", "model"),
    [("siemens", 3.0, None), ("siemens", 1.5, "Prisma"), ("ge", 3.0, "Prisma"), ("siemens", 3.0, "Pri")],
)
def test_no_scanner_is_found_where_none_is_meant(vendor: str, field: float, model: str | None) -> None:
    assert find_scanner(Target(vendor=vendor, field_strength=field, model=model)) is None


def test_diffusion_can_be_run_by_every_shipped_scanner_without_multiband_licence_for_dwi() -> None:
    assert all(s.acquisition.multiband_factor == 1 for s in scans() if s.definition == "dwi")


@pytest.mark.parametrize(
    ("line", "broken", "code"),
    [
        ("maximum_gradient: 40 mT/m", "maximum_gradient: 40", "missing-unit"),
        ("maximum_gradient: 40 mT/m", "maximum_gradient: 40 T", "wrong-dimension"),
        ("maximum_slew_rate: 150 T/m/s", "maximum_slew: 150 T/m/s", "unknown-key"),
        ("maximum_slew_rate: 150 T/m/s", "", "missing-key"),
        ("scanner: test-one", "scanner: test-two", "id-mismatch"),
        ("vendor: ge", "vendor: ge\noptions: [multi_band]", "unknown-word"),
    ],
)
def test_a_broken_scanner_file_says_where(tmp_path: Path, line: str, broken: str, code: str) -> None:
    path = tmp_path / "test-one.yaml"
    path.write_text(GOOD.replace(line, broken), "utf-8")
    with pytest.raises(SourceErrors) as caught:
        load_scanner(path)
    assert code in {diagnostic.code for diagnostic in caught.value.diagnostics}
    assert all(diagnostic.position.line >= 1 for diagnostic in caught.value.diagnostics)


def test_a_good_scanner_file_loads(tmp_path: Path) -> None:
    path = tmp_path / "test-one.yaml"
    path.write_text(GOOD, "utf-8")
    assert load_scanner(path).scanner.maximum_gradient == 40
    assert load_scanner(path).fields["maximum_gradient"].position.line == 5


def test_the_scanner_folder_is_shipped() -> None:
    assert sorted(load_scanners()) == [path.stem for path in SCANNERS]
    assert resources.specs("scanners").is_dir()
