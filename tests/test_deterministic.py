"""The same input gives the same bytes: whatever the hash seed, the locale, the time zone, the folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator import vendors

PROTOCOL = "ofsep-brain-baseline-diagnosis"

PROGRAM = f"""
import hashlib, json, sys
from generator import manifest, pipeline, vendors
from generator.model.tree import Target
from generator.rules import render
from generator.spec.load import find, load
from generator.timing.svg import timeline_svg
from generator.vendors.dialect import BuildOptions

spec = load(find("{PROTOCOL}")[0])
found = {{}}
for vendor in vendors.names():
    card = pipeline.prepare(spec, Target(vendor=vendor, field_strength=1.5))
    export = pipeline.build(card, BuildOptions())
    digest = manifest.digest(card.spec.files)
    written = manifest.to_bytes(manifest.manifest(card.protocol, card.target, export, digest, ()))
    report = render.report_json([render.Checked(pipeline.check(card), vendor)])
    picture = timeline_svg(card.timeline, card.protocol.name, card.time_limit)
    files = {{**export.files, "manifest": written, "report": report.encode(), "svg": picture.encode()}}
    found[vendor] = {{name: hashlib.sha256(content).hexdigest() for name, content in files.items()}}
json.dump(found, sys.stdout)
"""

PLACES = [
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Auckland"},
]


def digests(folder: Path, surroundings: dict[str, str]) -> dict[str, dict[str, str]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **surroundings},
        cwd=folder,
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, dict[str, str]]]:
    return [digests(tmp_path_factory.mktemp("somewhere"), place) for place in PLACES]


@pytest.mark.parametrize("vendor", vendors.names())
def test_two_runs_give_the_same_bytes(runs: list[dict[str, dict[str, str]]], vendor: str) -> None:
    first, second = (run[vendor] for run in runs)
    assert len(first) > 3
    assert first == second
