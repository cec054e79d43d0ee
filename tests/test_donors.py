"""The donor library and the plan from end to end, with a small vendor that clones."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from generator import cli, donors, vendors
from generator.errors import UnusableInput, UsageError
from generator.vendors.matching import Plan
from generator.vendors.profile import profile
from tests.test_toy_vendor import DIALECT, PROFILE

CLONES = """
    gaps = ("refuse", "sheet")
    described = 0

    def describe(self, path):
        from generator.vendors.matching import Donor, DonorStep, Inherited, region_of
        Toy.described += 1
        steps = []
        for index, line in enumerate(path.read_text().splitlines()[1:]):
            document = Pairs(pair.split("=") for pair in line.split("|")[1:])
            fields = {row.field: value for row, _, value in rows.read(ROWS, document)}
            name = line.split("|")[0]
            known = (("gating", "GATE", "patient", "off"), ("shim_volume", "SHIM", "anatomy", None))
            bound = [Inherited(what=w, value=document[k], bound_to=b, resets_to=r)
                     for w, k, b, r in known if document.get(k, "off") != "off"]
            steps.append(DonorStep(
                key=str(index), path=("Head",), index=index, inherited=bound,
                region=region_of(None, ("Head",), name), is_localizer="scout" in name,
                scan=Acquisition(name=name, mr_acquisition_type="2D", **fields)))
        return Donor(file=str(path), sha256="", vendor="toy", release="1", field_strength=3.0, steps=steps)

    def gate(self, files):
        broken = b"NAQ=999" in files["card.toy"]
        return (Note(code="gate", message="NAQ is at most 99"),) if broken else ()

    def build(self, protocol, target, options):
        made, lines, origins = Export("donor", {}), ["TOY"], []
        choices = options.plan.choices
        def raw(donor, step):
            import pathlib
            return pathlib.Path(donor.file).read_text().splitlines()[1 + int(step.key)].split("|")
        for index, step in enumerate(protocol.steps):
            for one in options.plan.along:
                if one.before == index:
                    lines.append("|".join(raw(one.donor, one.step)))
                    origins.append(None)
            if index not in choices or choices[index].step is None:
                continue
            pairs = raw(choices[index].donor, choices[index].step)
            document = Pairs(pair.split("=") for pair in pairs[1:])
            if "gating" in choices[index].reset:
                document["GATE"] = "off"
            rows.write(ROWS, step, document, made.reasons.at(index))
            lines.append("|".join([step.name, *map("=".join, document.items())]))
            origins.append(index)
        data = "\\n".join(lines).encode()
        return Export("donor", {"card.toy": data}, reasons=made.reasons, origins=tuple(origins))


DIALECT = Toy()
"""
SPEC = """
protocol: toy
title: Toy
version: "1"
kind: follow-up
region: brain
field_strengths: [3 T]
steps:
  - acquisition:
      name: T1
      technique: gradient_echo
      mr_acquisition_type: 2D
      repetition_time: 250 ms
      echo_times: [5 ms]
      flip_angle: 70 deg
      number_of_averages: 1
      acquisition_matrix: [256, 256]
      field_of_view: [256 mm, 256 mm]
      number_of_slices: 20
      slice_thickness: 5 mm
      pixel_bandwidth: 200 Hz/px
  - acquisition:
      name: DWI
      technique: echo_planar_diffusion
      mr_acquisition_type: 2D
      b_values: [0 s/mm2, 1000 s/mm2]
    optional: true
"""
SITE = "TOY\nscout|SEQ=gradient_echo|TR=9\nt1 gre|SEQ=gradient_echo|TR=500|FA=9|GATE=pulse|SHIM=38 x 53\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    package = tmp_path / "toys" / "toy"
    package.mkdir(parents=True)
    text = DIALECT[: DIALECT.index("    def build(")] + CLONES.lstrip("\n")
    (package / "__init__.py").write_text(text)
    (package / "profile.yaml").write_text(PROFILE)
    monkeypatch.setattr(vendors, "__path__", [*vendors.__path__, str(tmp_path / "toys")])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "toy.yaml").write_text(SPEC)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.toy").write_text(SITE)
    (tmp_path / "site" / "readme.txt").write_text("not an export")
    yield tmp_path
    sys.modules.pop("generator.vendors.toy", None)
    vendors.get.cache_clear()
    profile.cache_clear()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["examcard", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        text = capsys.readouterr()
        return int(exit_.value.code or 0), text.out, text.err

    return call


def built(folder: Path) -> tuple[dict, str]:
    manifest = next((folder / "out").rglob("manifest.json"))
    return json.loads(manifest.read_text()), (manifest.parent / "card.toy").read_text()


def test_a_card_from_a_folder_says_what_it_inherits(toy: Path, run: Run) -> None:
    code, out, err = run(
        "build", toy / "toy.yaml", "--vendor", "toy", "--donor", toy / "site", "-o", toy / "out"
    )
    assert code == 0, err
    assert "inherited from the donor, to be checked: shim volume 38 x 53 (T1)" in out
    assert "left out, optional and without a donor step: DWI" in out
    manifest, card = built(toy)
    assert "scout" in card.splitlines()[1]
    step = manifest["steps"][0]
    assert step["origin"] == "donor"
    assert (step["donor"]["file"], step["donor"]["step"], step["donor"]["step_index"]) == (
        "a.toy",
        "t1 gre",
        1,
    )
    assert {"repetition_time", "flip_angle"} <= set(step["patched"])
    assert step["inherited"] == [
        {"what": "gating", "value": "pulse", "action": "reset", "severity": "operator"},
        {"what": "shim_volume", "value": "38 x 53", "action": "kept", "severity": "image"},
    ]
    assert step["time"]["written"] is None  # a toy holds no echo time: nothing to compute it from
    kept = [loss for loss in manifest["losses"] if loss["field"] == "shim_volume"]
    assert [(loss["severity"], loss["got"]) for loss in kept] == [("image", "38 x 53")]
    assert manifest["release"] == "1" and manifest["gaps"] == []
    assert manifest["steps"][-1]["index"] is None and manifest["steps"][-1]["name"] == "scout"
    assert [note["code"] for note in manifest["notes"]] == ["left-out"]
    assert manifest["provenance"][0]["file"] == "toy.yaml"


def test_two_donors_serve_one_card(toy: Path, run: Run) -> None:
    other = toy / "b.toy"
    other.write_text("TOY\nhead dwi|SEQ=echo_planar_diffusion|TR=4000\n")
    words = ("build", toy / "toy.yaml", "--vendor", "toy", "-o", toy / "out")
    code, _, err = run(*words, "--donor", other, "--donor", toy / "site" / "a.toy")
    assert code == 0, err
    manifest, _ = built(toy)
    assert [step["donor"]["file"] for step in manifest["steps"][:2]] == ["a.toy", "b.toy"]


def test_strict_says_which_losses_and_takes_a_severity(toy: Path, run: Run) -> None:
    words = (
        "build",
        toy / "toy.yaml",
        "--vendor",
        "toy",
        "--donor",
        toy / "site",
        "-o",
        toy / "out",
        "--strict",
    )
    code, _, err = run(*words)
    assert code == 1
    assert "T1: shim_volume approximated (image): wanted None, got 38 x 53" in err
    assert run(*words, "--severity", "time")[0] == 0
    assert run(*words, "--severity", "picture")[0] == 2


def test_a_required_scan_without_donor_is_refused_with_a_shopping_list(toy: Path, run: Run) -> None:
    spec = toy / "toy.yaml"
    spec.write_text(SPEC.replace("    optional: true\n", ""))
    words = ("build", spec, "--vendor", "toy", "--donor", toy / "site", "-o", toy / "out")
    code, _, err = run(*words)
    assert code == 2
    assert "DWI: add a 2D echo planar diffusion of the brain at 3 T to the export" in err
    code, out, err = run("donors", spec, "--vendor", "toy", "--donor", toy / "site")
    assert code == 1 and "GAP" in out and "missing: DWI" in out
    code, _, err = run(*words, "--gaps", "sheet")
    assert code == 0, err
    manifest, _ = built(toy)
    assert manifest["gaps"] == ["DWI"]
    assert [step["origin"] for step in manifest["steps"]] == ["donor", "gap", "donor"]
    assert (next((toy / "out").rglob("gaps.txt"))).read_text().count("1000 s/mm2") == 1
    assert run(*words, "--gaps", "template")[0] == 2
    assert run(*words, "--software", "7")[0] == 2


def test_a_card_that_breaks_a_relation_is_not_written(toy: Path, run: Run) -> None:
    (toy / "site" / "a.toy").write_text(SITE.replace("scout|", "scout|NAQ=999|"))
    code, _, err = run(
        "build", toy / "toy.yaml", "--vendor", "toy", "--donor", toy / "site", "-o", toy / "out"
    )
    assert code == 2 and "NAQ is at most 99" in err and not (toy / "out").exists()


def test_the_plan_is_a_table_json_and_a_file_to_edit(toy: Path, run: Run) -> None:
    words = ("donors", toy / "toy.yaml", "--vendor", "toy", "--donor", toy / "site")
    code, out, _ = run(*words, "--json")
    plan = json.loads(out)
    assert code == 0 and plan["steps"][0]["donor"]["step"] == "t1 gre"
    assert plan["gaps"][0]["optional"] and plan["steps"][0]["score"] > 0
    text = run(*words, "--yaml")[1]
    entry = yaml.safe_load(text)["steps"][0]
    assert entry == {
        "step": "T1",
        "from": "Head/t1 gre#1",
        "file": "a.toy",
        "keep": ["shim_volume"],
        "reset": ["gating"],
    }
    edited = toy / "plan.yaml"
    edited.write_text(text.replace("keep:\n  - shim_volume", "keep:\n  - shim_volume\n  - gating"))
    assert "kept: gating pulse" in run(*words, "--donor-plan", edited)[1]
    assert run(*words, "--from", "T1=Head/t1 gre")[0] == 0
    code, _, err = run(*words, "--from", "T1=Head/scout")
    assert code == 2 and "cannot serve: a localizer" in err
    assert run(*words, "--from", "T1")[0] == 2
    edited.write_text("steps: [1]\nformat_version: 1")
    assert run(*words, "--donor-plan", edited)[0] == 2


def test_an_export_is_described_once_and_again_when_it_changes(toy: Path) -> None:
    dialect = vendors.get("toy")
    toy_class = type(dialect)
    for _ in range(2):
        found, skipped = donors.library(dialect, [toy / "site", toy / "site" / "a.toy"])
        assert len(found) == 1 and not skipped
    assert toy_class.described == 1
    (toy / "site" / "a.toy").write_text(SITE + "more|TR=1\n")
    assert len(donors.library(dialect, [toy / "site"])[0][0].steps) == 3
    assert toy_class.described == 2
    with pytest.raises(UnusableInput):
        donors.library(dialect, [toy / "site" / "readme.txt"])
    with pytest.raises(UsageError):
        donors.library(vendors.get("canon"), [toy / "site"])


def test_a_broken_file_of_a_folder_is_said_and_stops_nothing(toy: Path, run: Run) -> None:
    (toy / "site" / "broken.toy").write_text("TOY\nhead|TR=x|y\n")
    code, out, err = run("donors", toy / "toy.yaml", "--vendor", "toy", "--donor", toy / "site")
    assert code == 0 and "t1 gre" in out
    assert "broken.toy: damaged" in err and "ValueError" in err


def test_templates_are_offered_for_gaps_in_the_releases_they_are_written_in() -> None:
    known = ("refuse", "sheet", "template")
    offered = {one: donors.ways(known, "philips", Plan({}, release=one)) for one in ("R5.7", "R11.1", None)}
    assert offered == {"R5.7": ["sheet", "template"], "R11.1": ["sheet"], None: ["sheet"]}
