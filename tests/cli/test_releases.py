"""A release that nothing can be made for is refused, with those there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("vendor", "software", "named"),
    [("philips", "R11.1", "R5.7"), ("ge", "MR17.0", "MR30.0"), ("siemens", "XA99", "XA61A")],
)
def test_a_release_without_template_is_refused(
    run: Run, tmp_path: Path, vendor: str, software: str, named: str
) -> None:
    words = ("build", "ofsep-brain-follow-up", "--field-strength", "3T", "--vendor", vendor, "-o", tmp_path)
    done = run(*words, "--software", software)
    assert done.code == 2 and software in done.err and named in done.err
    assert not list(tmp_path.iterdir())
