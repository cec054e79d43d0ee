"""The page that runs the program in a browser: put together by ``make app``, copied into every site.

Its parts come by name and version from npm (Pyodide) and pip (the compiled core of pydantic); everything
else is the pure Python that is installed here. Nothing of it asks a foreign host for anything.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import __version__, resources, vendors
from generator.errors import ExamcardError, UnusableInput
from generator.publish import locale
from generator.publish.render import render

if TYPE_CHECKING:
    from generator.publish.publication import Publication
    from generator.spec.spec import Spec

PYODIDE = "314.0.7"
PYODIDE_SHA256 = "66b7949e5a0cba2250b586d7e368bf12fb482800748d182c4618254b685ffaa0"
PLATFORM = {"python-version": "3.14", "abi": "cp314", "platform": "pyemscripten_2026_0_wasm32"}
"""What the wheels of this Pyodide are made for."""

FOLDER = "app"
"""Name of the built page, beside the program and in a site."""

OFFLINE = "sw.js"
"""The service worker; it names every file of a build, so that it differs where any file does."""

_CATALOGUE, _SPECS = "network.json", "specs.zip"
_NETWORK = "/network/"
"""Where the page unpacks the specs of a network's own."""

_OF_PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
_PROGRAM = "examcard"
_WITHOUT = frozenset({"lxml", "typer", "rich", "pydantic_core"})
"""What the program requires and the page does without, or gets in another way."""

_COMPILED = "pydantic_core"
_LATER = ("pydicom",)
"""Fetched by the page when the first image is dropped."""

_KEPT = frozenset({".py", ".txt", ".json", ""})
_TESTS = frozenset({"testsuite", "tests"})
_STATIC = ("app.css", "app.js", "worker.js")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_REQUIREMENT = re.compile(r"[\w.-]+")


class Missing(ExamcardError):
    """A tool or a part that the page needs is not to be had."""


def built(*places: Path) -> Path | None:
    """Return the folder of the page if it was built: there, or else here or beside the program."""
    places = places or (Path(FOLDER), resources.beside(FOLDER))
    return next((folder for folder in places if (folder / _CATALOGUE).is_file()), None)


def build(out: Path) -> int:
    """Put the page together; what is fetched is kept in ``~/.cache/examcard/app`` (``XDG_CACHE_HOME``).

    Returns
    -------
    int
        Bytes of the page.

    Raises
    ------
    Missing
        If node, npm, or one of the parts is not to be had; it says which.
    """
    from generator.output import write_folder

    for tool in ("npm", "node"):
        if not shutil.which(tool):
            raise Missing(
                f"{tool} is not installed (Debian: nodejs, npm): the page for the browser is left out"
            )
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser(), "examcard", FOLDER)
    cache.mkdir(parents=True, exist_ok=True)
    runtime = _pyodide(cache)
    core = _core(cache)
    files = {f"pyodide/{name}": (runtime / name).read_bytes() for name in _OF_PYODIDE}
    files[core.name] = core.read_bytes()
    files["program.zip"] = _compiled(
        runtime, core, cache, dict([*_packages(_needed(), _WITHOUT), *_program()])
    )
    files["images.zip"] = _compiled(runtime, core, cache, dict(_packages(_LATER, _WITHOUT)))
    files |= {name: resources.templates("app", name).read_bytes() for name in _STATIC}
    files["app.css"] = resources.templates("site", "site.css").read_bytes() + files["app.css"]
    files[_CATALOGUE] = _json(catalogue())
    files |= _pages(core.name)
    files[OFFLINE] = _offline(files)
    write_folder(out, files, force=True)
    return sum(map(len, files.values()))


def catalogue(specs: Iterable[Spec] | None = None, **site: str) -> dict[str, Any]:
    """What the page offers: protocols to compare with and to build, and the vendors' names.

    Parameters
    ----------
    specs : iterable of Spec, optional
        Protocols of a network; without them the shipped ones.
    site : str
        ``title`` of the site that the page is in and ``home``, the way to its first page.
    """
    from generator.publish.voice import voice
    from generator.spec.find import protocols_below
    from generator.spec.load import load
    from generator.vendors.profile import profile

    if specs is None:
        specs = [load(path) for path in protocols_below(resources.specs("protocols"))]
    return {
        "title": "examcard",
        "home": None,
        **site,
        "version": __version__,
        "program": program_digest(),
        "specs": None,
        "protocols": [
            {
                "id": spec.protocol_id,
                "reference": spec.protocol_id,
                "title": {code: voice(code).say(spec.title) for code in locale.languages()},
                "version": spec.version,
                "field_strengths": list(spec.field_strengths),
            }
            for spec in specs
        ],
        "vendors": {
            name: {"title": profile(name).title, "exports": profile(name).exports} for name in vendors.names()
        },
    }


def for_site(built: Path, publication: Publication, check: Callable[[str, bytes], None]) -> dict[str, bytes]:
    """Return the files of the page in a site: as built, with the protocols of the publication.

    Parameters
    ----------
    check : callable
        Receives name and content of each spec of the network's own, to look for leaks.
    """
    from generator.spec.load import load

    files = {
        path.relative_to(built).as_posix(): path.read_bytes() for path in built.rglob("*") if path.is_file()
    }
    specs = [load(path) for path in publication.protocols]
    known = catalogue(specs, title=publication.head.title, home="../index.html")
    own = [spec for spec in specs if not _is_shipped(spec.path)]
    names = dict(_own_files(own))
    for name, content in names.items():
        check(f"{FOLDER}/{_SPECS}!{name}", content)
    if own:
        known["specs"] = _SPECS
        files[_SPECS] = _zip(names)
    for entry, spec in zip(known["protocols"], specs, strict=True):
        if spec in own:
            entry["reference"] = _NETWORK + _place(spec.path, _root(own))
    files[_CATALOGUE] = _json(known)
    files[OFFLINE] = _offline({name: content for name, content in files.items() if name != OFFLINE})
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def _is_shipped(path: Path) -> bool:
    return path.resolve().is_relative_to(resources.specs().resolve())


def _root(specs: Sequence[Spec]) -> Path:
    """Return the folder above all files that are a network's own."""
    files = [path.resolve() for spec in specs for path in spec.files if not _is_shipped(path)]
    return Path(os.path.commonpath([path.parent for path in files]))


def _place(path: Path, root: Path) -> str:
    return path.resolve().relative_to(root).as_posix()


def _own_files(specs: Sequence[Spec]) -> Iterator[tuple[str, bytes]]:
    """Protocol files of a network's own and their definitions, as they lie beside each other."""
    if specs:
        root = _root(specs)
        files = {path.resolve() for spec in specs for path in spec.files if not _is_shipped(path)}
        yield from ((_place(path, root), path.read_bytes()) for path in sorted(files))


# --- parts --------------------------------------------------------------------------------------------


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no reason given"]
        raise Missing(f"{what} is not to be had: {last[0]}")


def _pyodide(cache: Path) -> Path:
    """Return the folder of Pyodide, fetched from npm once and held against its checksum."""
    archive = cache / f"pyodide-{PYODIDE}.tgz"
    if not archive.exists():
        _run(
            ["npm", "pack", f"pyodide@{PYODIDE}", "--silent", "--pack-destination", str(cache)],
            f"Pyodide {PYODIDE}",
        )
    found = sha256(archive.read_bytes()).hexdigest()
    if found != PYODIDE_SHA256:
        raise UnusableInput(
            archive, f"is not Pyodide {PYODIDE}: its SHA-256 is {found}, expected {PYODIDE_SHA256}"
        )
    folder = cache / f"pyodide-{PYODIDE}"
    if not folder.is_dir():
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    return folder / "package"


def _core(cache: Path) -> Path:
    """Return the wheel of pydantic's core for Pyodide, in the version that is installed here."""
    version = metadata.version(_COMPILED)
    pattern = f"{_COMPILED}-{version}-*{PLATFORM['platform']}.whl"
    if not any(cache.glob(pattern)):
        options = [f"--{name}={value}" for name, value in PLATFORM.items()]
        options += ["--implementation=cp", "--only-binary=:all:", "--no-deps", "--quiet", f"--dest={cache}"]
        pip = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check"]
        _run([*pip, *options, f"{_COMPILED}=={version}"], f"{_COMPILED} {version} for Pyodide")
    return next(cache.glob(pattern))


def _needed() -> tuple[str, ...]:
    """Name what the program itself requires."""
    return tuple(_names(metadata.requires(_PROGRAM)))


def _names(requirements: Iterable[str] | None) -> Iterator[str]:
    for one in requirements or ():
        if "extra ==" not in one and (name := _REQUIREMENT.match(one)):
            yield name[0]


def _packages(names: Iterable[str], without: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Files of installed packages and of all that they require: their pure Python and their licences."""
    seen: set[str] = {_canonical(name) for name in without}
    todo = list(names)
    while todo:
        name = todo.pop()
        if _canonical(name) in seen:
            continue
        seen.add(_canonical(name))
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # required on other machines only
        todo += _names(package.requires)
        for file in package.files or ():
            if file.parts[0] != ".." and file.suffix in _KEPT and not _TESTS & set(file.parts):
                yield file.as_posix(), Path(str(file.locate())).read_bytes()


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _program() -> Iterator[tuple[str, bytes]]:
    """Files of this program as its wheel has them."""
    package = Path(__file__).resolve().parent.parent
    for path in sorted(package.rglob("*.*")):
        if path.is_file() and path.suffix != ".pyc" and "_data" not in path.parts:
            yield f"generator/{path.relative_to(package).as_posix()}", path.read_bytes()
    for name, folder in (("templates", resources.templates()), ("specs", resources.specs())):
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            yield f"generator/_data/{name}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def program_digest() -> str:
    """Digest the program that goes into the page, to tell one that was built from an older program."""
    total = sha256()
    for name, content in _program():
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def is_current(folder: Path) -> bool:
    """Say whether a built page is of this very program."""
    made = json.loads((folder / _CATALOGUE).read_bytes())
    return bool(made["program"] == program_digest())


def _compiled(runtime: Path, core: Path, cache: Path, files: Mapping[str, bytes]) -> bytes:
    """Pack files, Python as the bytecode that Pyodide itself makes: it starts seconds sooner."""
    source, target = cache / "source.zip", cache / "compiled.zip"
    source.write_bytes(_zip(files))
    script = resources.templates("app", "compile.mjs")
    _run(["node", str(script), str(runtime), str(source), str(target)], "bytecode for Pyodide")
    return target.read_bytes()


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# --- pages --------------------------------------------------------------------------------------------


def _pages(core: str) -> dict[str, bytes]:
    return {
        page: render(
            "app.html.j2", language, languages=locale.languages(), core=core, version=__version__
        ).encode()
        for language in locale.languages()
        for page in ["index.html" if language == locale.SOURCE else f"index.{language}.html"]
    }


def _offline(files: Mapping[str, bytes]) -> bytes:
    """Write the service worker: it keeps all files of this very build."""
    listed = sha256("\n".join(f"{name} {sha256(files[name]).hexdigest()}" for name in sorted(files)).encode())
    head = {"version": listed.hexdigest()[:16], "files": sorted(files)}
    script = resources.templates("app", "sw.js").read_bytes()
    return f"const BUILD = {json.dumps(head)};\n".encode() + script


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()
