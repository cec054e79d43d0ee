"""The commands: what they print and how they exit."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from generator.cli import publishing
from generator.errors import ExamcardError
from tests.publish.conftest import LONGER, Network
from tests.publish.test_signing import KEY, public_file, secret_file

app = typer.Typer()
publishing.register(app)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_publish_says_what_it_did(network: Network) -> None:
    made = run("publish", network.file, "-o", network.site, "--workers", "0")
    assert made.exit_code == 0, made.output
    assert "1 protocols, 2 cards; 1 protocols rebuilt" in made.output
    again = run("publish", network.folder, "-o", network.site, "--workers", "0")
    assert "up to date" in again.output


def test_publish_exits_with_1_for_what_must_not_appear(network: Network) -> None:
    assert run("publish", network.file, "-o", network.site, "--workers", "0").exit_code == 0
    network.spec(change=LONGER)
    made = run("publish", network.file, "-o", network.site, "--workers", "0")
    assert made.exit_code == 1
    assert "would change" in made.output
    assert "nothing was published" in made.output


def test_a_mistake_in_the_publication_is_an_error_of_the_input(network: Network) -> None:
    network.edit("vendor: ge", "vendor: gee")
    made = run("publish", network.file, "-o", network.site)
    assert isinstance(made.exception, ExamcardError)
    assert not network.site.exists()


def test_signing_and_verifying(network: Network, tmp_path: Path) -> None:
    secret, public = secret_file(tmp_path / "key", KEY), public_file(tmp_path / "pub", KEY)
    run("publish", network.file, "-o", network.site, "--workers", "0", "--sign", secret)
    good = run("verify", network.site, "--key", public)
    assert good.exit_code == 0
    assert "signature good" in good.output
    assert "no key was given" in run("verify", network.site).output
    (network.site / "index.html").write_text("mine")
    bad = run("verify", network.site, "--key", public)
    assert bad.exit_code == 1
    assert "index.html is not what was published" in bad.output


def test_a_site_that_loses_its_signature_says_so(network: Network, tmp_path: Path) -> None:
    secret = secret_file(tmp_path / "key", KEY)
    run("publish", network.file, "-o", network.site, "--workers", "0", "--sign", secret)
    network.spec(version="2", change=LONGER)
    assert "is not now" in run("publish", network.file, "-o", network.site, "--workers", "0").output


def test_pdf_sheets_are_made_where_they_are_asked_for(network: Network) -> None:
    pytest.importorskip("weasyprint", reason="needs the extra `pdf`", exc_type=(ImportError, OSError))  # type: ignore[call-overload]
    network.edit("languages: [en, fr]", "languages: [fr]")
    network.edit("  - {vendor: ge, software: MR30.0}\n", "")
    made = run("publish", network.file, "-o", network.site, "--workers", "0", "--pdf")
    assert made.exit_code == 0, made.output
    (sheet,) = network.site.rglob("sheet.fr.pdf")
    assert sheet.read_bytes().startswith(b"%PDF-")
    assert "sheet.fr.pdf" in network.page()
