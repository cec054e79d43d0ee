"""Suppressions over a whole check: one that any target, or any comparison of targets, needs is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.resources import specs
from tests.cli.conftest import Run, run

__all__ = ["run"]

SPINE = specs("protocols", "ofsep", "spine-follow-up.yaml")


@pytest.fixture
def spine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped spine protocol, of which Philips has other echoes than its neighbours."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "spine.yaml"
    path.write_text(SPINE.read_text("utf-8"), encoding="utf-8")
    return path


def suppress(path: Path, what: str) -> int:
    """Add a suppression; return its line."""
    text = path.read_text("utf-8") + f"suppress:\n  - {{{what}, reason: it is meant}}\n"
    path.write_text(text, encoding="utf-8")
    return text.count("\n")


def test_a_difference_between_vendors_is_reported_with_both_names(run: Run, spine: Path) -> None:
    out = run("check", spine.name).out
    assert "info[VEN903]" in out and "philips 3 T beside canon 3 T" in out


@pytest.mark.parametrize("what", ["code: VEN903", "code: VEN903, step: spine_t2star_ax"])
def test_a_difference_between_vendors_can_be_accepted(run: Run, spine: Path, what: str) -> None:
    suppress(spine, what)
    out = run("check", spine.name, "--strict").out
    assert "VEN903" not in out and "GUI902" not in out
    assert "philips 3 T beside canon 3 T: no findings" in out and "1 suppressed" in out


@pytest.mark.parametrize("what", ["code: VEN904", "code: VEN903, step: spine-psir"])
def test_one_that_accepts_nothing_anywhere_is_shown_where_it_stands(run: Run, spine: Path, what: str) -> None:
    line = suppress(spine, what)
    done = run("check", spine.name, "--strict")
    assert done.code == 1
    assert done.out.count("warning[GUI902]") == 1
    assert f"spine.yaml:{line}:5: warning[GUI902]" in done.out
    assert f"there is no {what[6:12]} to accept" in done.out


def test_one_that_a_single_target_needs_is_used(run: Run, spine: Path) -> None:
    text = spine.read_text("utf-8").replace(
        "  - acquisition: spine-psir\n",
        "  - acquisition: spine-psir\n    variants:\n"
        "      - {when: {vendor: philips}, set: {slice_thickness: 5 mm}, source: a test}\n",
    )
    spine.write_text(text, encoding="utf-8")
    assert "GEO022" in run("check", spine.name).out or "PHY032" in run("check", spine.name).out
    suppress(spine, "code: PHY032")
    assert "PHY032" not in run("check", spine.name).out
    assert "GUI902" not in run("check", spine.name).out
