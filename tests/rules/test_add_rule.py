"""A rule is added without code: written into a pack, it is run, listed and explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, run

__all__ = ["run"]

GE = ("--vendor", "ge", "--field-strength", "3T")

PACK = """\
pack: our-site
title: What our site asks for
document: {short: Our site, citation: the protocol group}
rules:
  - rule: our-site.dwi.b-value
    code: GUI700
    title: DWI goes up to b = 1500 s/mm² here
    level: required
    roles: [dwi]
    require: {b_values: {largest: {at_least: 1500 s/mm2}}}
    remedy: Raise the larger b-value.
    source: {section: Diffusion}
    examples:
      pass: {b_values: [0 s/mm2, 1500 s/mm2]}
      fail: {b_values: [0 s/mm2, 1000 s/mm2]}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "our-site.yaml"
    path.write_text(PACK, encoding="utf-8")
    return path


def test_it_is_run(run: Run, pack: Path) -> None:
    plain = run("check", "ofsep-brain-follow-up", *GE)
    done = run("check", "ofsep-brain-follow-up", *GE, "--guideline", pack)
    assert (plain.code, done.code) == (0, 1)
    assert "error[GUI700]: DWI b1000: DWI goes up to b = 1500 s/mm² here: " in done.out
    assert "largest b-value is 1000 s/mm², must be at least 1500 s/mm²" in done.out
    assert "source: Our site, Diffusion" in done.out and "our-site 1" in done.out


def test_a_protocol_may_claim_it(run: Run, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pack.parent)
    spec = pack.parent / "spec.yaml"
    text = "protocol: p\ntitle: t\nfield_strengths: [3 T]\nguidelines: [our-site.yaml]\n"
    spec.write_text(f"{text}steps:\n  - acquisition: dwi\n", encoding="utf-8")
    assert "error[GUI700]" in run("check", spec, *GE).out


def test_it_is_listed_and_explained(run: Run, pack: Path) -> None:
    assert "our-site.dwi.b-value" in run("rules", "--guideline", pack).out
    assert "DWI goes up to b = 1500 s/mm² here" in run("rules", "GUI700", "--guideline", pack).out


def test_an_example_that_does_not_hold_is_shown_where_it_stands(run: Run, pack: Path) -> None:
    pack.write_text(PACK.replace("fail: {b_values: [0 s/mm2, 1000", "fail: {b_values: [0 s/mm2, 2000"))
    done = run("check", "ofsep-brain-follow-up", *GE, "--guideline", pack)
    assert done.code == 2 and "our-site.yaml:5:5: error[wrong-example]" in done.err
