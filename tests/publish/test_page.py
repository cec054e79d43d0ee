"""The page for the browser without a browser: how it is put together, and what a site makes of it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from generator.cli import commands
from generator.publish import app
from generator.publish.jobs import CannotPublish
from generator.publish.site import Options
from generator.publish.verify import verify
from tests.publish.conftest import LONGER, Network


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The least that a built page has; only a browser needs the rest."""
    folder = tmp_path / "page"
    (folder / "pyodide").mkdir(parents=True)
    for name in ("index.html", "index.fr.html", "program.zip", "pyodide/pyodide.mjs"):
        (folder / name).write_text(name)
    (folder / "network.json").write_bytes(json.dumps(app.catalogue([])).encode())
    (folder / app.OFFLINE).write_text("old")
    return folder


def offline(network: Network) -> dict[str, object]:
    head = (network.site / "app" / app.OFFLINE).read_text(encoding="utf-8").partition("\n")[0]
    found: dict[str, object] = json.loads(head.removeprefix("const BUILD = ").rstrip(";"))
    return found


def test_a_site_offers_the_protocols_of_its_publication(network: Network, built: Path) -> None:
    network.publish(Options(workers=0, app=built))
    known = json.loads((network.site / "app/network.json").read_bytes())
    (protocol,) = known["protocols"]
    assert (known["title"], known["home"], known["specs"]) == (
        "Cards of the test",
        "../index.html",
        "specs.zip",
    )
    assert (protocol["id"], protocol["reference"]) == ("test-follow-up", "/network/test-follow-up.yaml")
    with zipfile.ZipFile(io.BytesIO((network.site / "app/specs.zip").read_bytes())) as archive:
        assert archive.namelist() == ["test-follow-up.yaml"]
        assert (
            archive.read("test-follow-up.yaml") == (network.folder / "specs/test-follow-up.yaml").read_bytes()
        )
    first = offline(network)
    assert {"specs.zip", "network.json", "pyodide/pyodide.mjs"} <= set(first["files"])  # type: ignore[call-overload]
    assert verify(network.site, None, None).faults == ()
    for page in ("index.html", "protocols/test-follow-up/1/index.html"):
        assert 'app/index.html">My own card</a>' in (network.site / page).read_text(encoding="utf-8")

    network.spec(version="2", change=LONGER)
    network.publish(Options(workers=0, app=built))
    assert offline(network)["version"] != first["version"], "browsers fetch the new protocol"
    assert network.publish(Options(workers=0, app=built)).written == 0

    network.publish()
    assert not (network.site / "app/index.html").exists()
    assert "My own card" not in (network.site / "index.html").read_text(encoding="utf-8")


def test_a_shipped_protocol_travels_with_the_program(network: Network, built: Path) -> None:
    network.edit("protocols: [specs]", "protocols: [ofsep-brain-pml-screening]")
    files = app.for_site(built, network.publication, lambda *_: None)
    known = json.loads(files["app/network.json"])
    assert known["protocols"][0]["reference"] == "ofsep-brain-pml-screening"
    assert known["specs"] is None and "app/specs.zip" not in files


def test_a_leak_in_a_spec_of_the_networks_own_stops_everything(network: Network, built: Path) -> None:
    path = network.spec()
    path.write_text(path.read_text() + f"# from {network.folder}/exports\n")
    with pytest.raises(CannotPublish, match=r"specs\.zip!test-follow-up\.yaml"):
        network.publish(Options(workers=0, app=built))
    assert not network.site.exists()


def test_publish_says_why_a_site_has_no_page(
    network: Network, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["publish", str(network.file), "-o", str(network.site), "--workers", "0"]
    assert "left out: the page that runs the program" in CliRunner().invoke(commands.app, command).output
    (built / "network.json").write_text('{"program": "another"}')
    monkeypatch.setattr(app, "built", lambda *_: built)
    said = CliRunner().invoke(commands.app, [*command, "--app", str(built)]).output
    assert "is of another program" in said
    assert not (network.site / "app").exists()


def test_without_npm_the_page_is_left_out_with_a_word(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(commands.app, ["app", "-o", str(tmp_path / "page")])
    assert isinstance(result.exception, app.Missing)
    assert "npm is not installed" in str(result.exception)
    assert not (tmp_path / "page").exists()


def test_another_pyodide_than_the_one_that_was_meant_is_refused(tmp_path: Path) -> None:
    (tmp_path / f"pyodide-{app.PYODIDE}.tgz").write_bytes(b"something else")
    with pytest.raises(Exception, match="SHA-256"):
        app._pyodide(tmp_path)


def test_what_the_program_requires_is_packed_and_nothing_compiled() -> None:
    found = dict(app._packages(("pydantic", "jinja2"), {"pydantic_core"}))
    tops = {name.partition("/")[0] for name in found}
    assert {"pydantic", "jinja2", "markupsafe", "annotated_types", "typing_extensions.py"} <= tops
    assert "pydantic_core" not in tops
    assert not [name for name in found if name.endswith((".so", ".pyc"))]


def test_no_file_of_the_page_names_a_foreign_host() -> None:
    from generator import resources

    for path in resources.templates("app").iterdir():
        assert "//" not in path.read_text(encoding="utf-8").replace("// ", "").replace("//\n", ""), path.name
