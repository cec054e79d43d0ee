"""Extending protocols and definitions, sites, scanners, variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import pipeline
from generator.errors import UsageError
from generator.model.tree import Acquisition, Contrast, Target
from generator.spec.diagnostic import SourceErrors
from generator.spec.load import load, load_text
from generator.spec.project import read_site
from generator.spec.spec import Resolved

SIEMENS = Target(vendor="siemens", field_strength=3.0)
GE = Target(vendor="ge", field_strength=3.0)
BASE = """
protocol: upstream
title: Upstream
version: "7"
field_strengths: [3 T]
steps:
  - acquisition: {name: A, role: dwi, technique: echo_planar_diffusion, pixel_bandwidth: 1500 Hz/px}
  - acquisition: {name: B, role: flair_3d, pixel_bandwidth: 200 Hz/px, repetition_time: 5 s}
    variants: [{when: {vendor: ge}, set: {pixel_bandwidth: 250 Hz/px}, source: x}]
  - contrast: {agent: "${agent}", dose: "${dose}"}
  - reformat: {source: B, plane: transverse}
"""
HEAD = 'protocol: own\nextends: upstream@7\nversion: "1"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text("site: here\nvariables: {agent: gadobutrol}\n", "utf-8")
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / "upstream.yaml").write_text(BASE, "utf-8")
    (tmp_path / "scanners").mkdir()
    (tmp_path / "scanners" / "sola-1.yaml").write_text(
        "scanner: sola-1\nextends: siemens-magnetom-vida\nsoftware: [XA61A]\ndonors: [exports/sola.exar1]\n"
        "variables: {dose: 0.05 mmol/kg}\nchanges: [{set: {instruction: use coil 2}, step: dwi}]\n",
        "utf-8",
    )
    return tmp_path


def own(folder: Path, changes: str, target: Target = SIEMENS, head: str = HEAD) -> Resolved:
    path = folder / "protocols" / "own.yaml"
    path.write_text(f"{head}changes:\n{changes}", "utf-8")
    return load(path).resolve(target)


def names(resolved: Resolved) -> list[str]:
    return [s.name if isinstance(s, Acquisition) else s.kind for s in resolved.protocol.steps]


def failing(folder: Path, changes: str, head: str = HEAD) -> str:
    with pytest.raises(SourceErrors) as caught:
        own(folder, changes, head=head)
    return str(caught.value)


def test_steps_are_added_replaced_and_removed(folder: Path) -> None:
    changes = """
  - add: {acquisition: {name: C}}
    after: A
  - add: {acquisition: {name: D}}
    before: dwi
  - add: {pause: wait}
  - replace: dwi
    with: {acquisition: {name: E}}
  - remove: contrast
"""
    assert names(own(folder, changes)) == ["D", "E", "C", "B", "reformat", "pause"]


def test_a_value_that_is_set_wins_over_the_variants_below_and_knows_its_line(folder: Path) -> None:
    changes = """
  - {set: {pixel_bandwidth: 300 Hz/px}, step: flair_3d, source: "own choice: noise"}
  - {set: {repetition_time: 6 s}, step: B, when: {vendor: siemens}}
"""
    for target, seconds in ((SIEMENS, 6), (GE, 5)):
        resolved = own(folder, changes, target)
        scan = resolved.protocol.acquisitions[1]
        assert (scan.pixel_bandwidth, scan.repetition_time) == (300, 1000 * seconds)
        assert resolved.position(1, "pixel_bandwidth").file.endswith("own.yaml")
        assert resolved.position(1, "pixel_bandwidth").line == 6
        assert resolved.source(1, "pixel_bandwidth") == "own choice: noise"
        assert resolved.position(1, "role").file.endswith("upstream.yaml")


def test_the_head_is_inherited_but_not_the_version(folder: Path) -> None:
    resolved = own(folder, "  - remove: A\n", head="protocol: own\nextends: upstream@7\ntitle: Own\n")
    assert (resolved.protocol.name, resolved.protocol.version) == ("Own", None)
    assert resolved.protocol.field_strengths == (3.0,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ("  - remove: dti\n", "no step is called 'dti'"),
        ("  - remove: C\n  - remove: A\n", "no step is called 'C'"),
        ("  - set: {pixel_bandwith: 300 Hz/px}\n", "did you mean 'pixel_bandwidth'"),
        ("  - set: {agent: gadobutrol}\n", "unknown key 'agent'"),
        ("  - swap: A\n", "a change sets, replaces, adds or removes"),
        ("  - {replace: A}\n", "the change has no 'with'"),
        ("  - {add: {acquisition: {name: C}}, after: A, before: B}\n", "before or after"),
        ("  - add: {acquisition: nowhere}\n", "there is no definition 'nowhere'"),
        ("  - remove: B\n", "no acquisition of this protocol is called 'B'"),
        ("  - add: {acquisition: {name: A}}\n  - remove: A\n", "2 steps are called 'A'"),
        ("  - {set: {name: X}, when: {vendor: simens}}\n", "did you mean 'siemens'"),
    ],
)
def test_a_change_that_cannot_be_made_is_an_error_with_its_place(
    folder: Path, changes: str, message: str
) -> None:
    found = failing(folder, changes)
    assert message in found
    assert ".yaml:" in found


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("protocol: own\nextends: upstream@8\n", "there is no protocol upstream@8; there is upstream@7"),
        ("protocol: own\nextends: upstrem@7\n", "did you mean 'upstream'"),
        ("protocol: own\nextends: upstream\n", "does not say what is extended"),
        ("protocol: own\ntitle: x\nsteps: []\n", "there is nothing to change"),
        ("protocol: own\nextends: upstream@7\nsteps: []\n", "has its steps from there"),
    ],
)
def test_what_is_extended_has_to_be_there_in_that_version(folder: Path, head: str, message: str) -> None:
    assert message in failing(folder, "  - remove: A\n", head)


def test_protocols_that_extend_each_other_are_refused(folder: Path) -> None:
    other = 'protocol: upstream\nversion: "7"\nextends: own@1\n'
    (folder / "protocols" / "upstream.yaml").write_text(other, "utf-8")
    assert "there is no protocol own@1" in failing(folder, "  - remove: A\n")


def test_variables_of_site_and_scanner(folder: Path) -> None:
    path = folder / "protocols" / "upstream.yaml"
    given = next(s for s in load(path).resolve(SIEMENS).protocol.steps if isinstance(s, Contrast))
    assert (given.agent, given.dose) == ("gadobutrol", 0.1)
    (card,) = pipeline.ready(path, pipeline.Choice(scanners=["sola-1"]))
    given = next(s for s in card.protocol.steps if isinstance(s, Contrast))
    assert (given.agent, given.dose) == ("gadobutrol", 0.05)


def test_a_wrong_variable_is_shown_where_it_is_given(folder: Path) -> None:
    (folder / "site.yaml").write_text("site: here\nvariables:\n  dose: 0.1\n", "utf-8")
    with pytest.raises(SourceErrors, match=r"site\.yaml:3:9: error\[missing-unit\]: dose needs a unit"):
        load(folder / "protocols" / "upstream.yaml")
    (folder / "site.yaml").write_text("site: here\n", "utf-8")
    text = BASE.replace("${agent}", "${agnet}")
    with pytest.raises(SourceErrors, match="there is no variable 'agnet'") as caught:
        load_text(text, folder / "x.yaml")
    assert "did you mean 'agent'" in str(caught.value)


def test_a_scanner_of_the_site_extends_a_shipped_one(folder: Path) -> None:
    site = read_site(folder)
    (machine,) = site.machines
    assert machine.scanner.software == ("XA61A",)
    assert machine.scanner.maximum_gradient == 45  # of the shipped Vida
    assert str(machine.target) == "siemens 3 T MAGNETOM Vida XA61A sola-1"
    (card,) = pipeline.ready(folder / "protocols" / "upstream.yaml", pipeline.Choice(scanners=["sola-1"]))
    assert card.protocol.acquisitions[0].instruction == "use coil 2"
    assert card.spec.scope.donors == (folder / "exports" / "sola.exar1",)
    assert pipeline.folder_of(card, "donor") == "siemens/3T-sola-1/donor/upstream"
    with pytest.raises(UsageError, match="the site has no scanner 'sola-2'"):
        site.machine("sola-2")


def test_a_definition_that_hides_another_one_has_to_extend_it(folder: Path) -> None:
    text = "protocol: p\ntitle: p\nsteps: [{acquisition: flair-3d}]\n"
    (folder / "sequences").mkdir()
    path = folder / "sequences" / "flair-3d.yaml"
    path.write_text("acquisition: flair-3d\nname: mine\n", "utf-8")
    with pytest.raises(SourceErrors, match=r"flair-3d\.yaml:1:14: error\[shadowed-definition\]"):
        load_text(text, folder / "p.yaml")
    path.write_text("acquisition: flair-3d\nextends: flair-3d\nrepetition_time: 7 s\n", "utf-8")
    spec = load_text(text, folder / "p.yaml")
    scan = spec.resolve(SIEMENS).protocol.acquisitions[0]
    assert (scan.name, scan.repetition_time, scan.technique) == ("3D FLAIR", 7000, "turbo_spin_echo")
    assert [file.parent.parent.name for file in spec.definitions[0].files] == [folder.name, "specs"]


def test_definitions_may_extend_others_but_not_in_a_circle(folder: Path) -> None:
    (folder / "sequences").mkdir()
    for name, base in (("a", "b"), ("b", "t1-3d")):
        text = f"acquisition: {name}\nextends: {base}\n"
        (folder / "sequences" / f"{name}.yaml").write_text(text, "utf-8")
    text = "protocol: p\ntitle: p\nsteps: [{acquisition: a}]\n"
    scan = load_text(text, folder / "p.yaml").resolve(SIEMENS).protocol.acquisitions[0]
    assert (scan.definition, scan.role) == ("a", "t1_3d_pre")
    (folder / "sequences" / "b.yaml").write_text("acquisition: b\nextends: a\n", "utf-8")
    with pytest.raises(SourceErrors, match="circular-extends"):
        load_text(text, folder / "p.yaml")
    (folder / "sequences" / "b.yaml").write_text("acquisition: b\nextends: t1-3dd\n", "utf-8")
    with pytest.raises(SourceErrors, match="no definition 't1-3dd' to extend"):
        load_text(text, folder / "p.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: no id\n", "a site begins with its id"),
        ("site: here\nscaners: [x]\n", "unknown key 'scaners'"),
        ("site: here\nchanges: [{set: {repetition_time: 5}}]\n", "repetition_time needs a unit"),
        ("site: here\nprotocols: protocols\n", "protocols is a list"),
    ],
)
def test_errors_of_a_site_are_located(folder: Path, text: str, message: str) -> None:
    (folder / "site.yaml").write_text(text, "utf-8")
    with pytest.raises(SourceErrors, match=message):
        read_site(folder)


def test_a_scanner_that_extends_nothing_known_is_an_error(folder: Path) -> None:
    text = "scanner: sola-1\nextends: siemens-magnetom-sol\n"
    (folder / "scanners" / "sola-1.yaml").write_text(text, "utf-8")
    with pytest.raises(SourceErrors, match="did you mean 'siemens-magnetom-sola'"):
        read_site(folder)
