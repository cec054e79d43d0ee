"""What a GE file is, and what is known to hinder its import on a console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator.model.tree import Acquisition, Note, ReadResult
from generator.text import clock
from generator.vendors.dialect import Inspection
from generator.vendors.ge import container, facts, notes
from generator.vendors.ge.container import Folder, Package, lxprotocol, session
from generator.vendors.ge.container.session import Session
from generator.vendors.ge.reader import read

_COILS = {code: name for name, code in facts.GRADIENT_COILS.items()}


def inspect(path: Path) -> Inspection:
    """Describe a file or folder. Raises UnusableInput if it cannot be read."""
    result = read(path)
    if result.format == "ge-lxprotocol":
        return _single(result)
    found = container.load(path, to_write=True)
    sessions = [folder.session() for folder in found.folders]
    warnings = [*_container_warnings(found), *_protocol_warnings(found, sessions)]
    return Inspection(result.format, tuple(_facts(found, sessions, result)), tuple(warnings), _series(result))


def _single(result: ReadResult) -> Inspection:
    warning = Note(code="single-series", message="one series only; a console imports whole protocols")
    facts_ = (("content", "one series, without session.xml"), ("software", result.software or "not stated"))
    return Inspection(result.format, facts_, (warning,), _series(result))


def _series(result: ReadResult) -> tuple[tuple[str, float | None], ...]:
    steps = (step for protocol in result.protocols for step in protocol.steps)
    return tuple((step.name, step.acquisition_duration) for step in steps if isinstance(step, Acquisition))


def _facts(found: Package, sessions: list[Session], result: ReadResult) -> Iterator[tuple[str, str]]:
    bare = "compressed archive" if found.gzipped else "bare archive" if found.archives else "unpacked folder"
    yield "layout", "media layout of Protocol Exchange" if found.media else bare
    yield "software", ", ".join(sorted({s.scanner.get("MR_VERSION", "not stated") for s in sessions}))
    yield "field strength", f"{result.field_strength:g} T" if result.field_strength else "not stated or mixed"
    coils = sorted({s.scanner.get("gradcoil", "") for s in sessions})
    named = (f"{code or 'not stated'} ({_COILS.get(code, 'unknown')})" for code in coils)
    yield "gradient coil", ", ".join(named)
    for protocol in result.protocols:
        total = protocol.acquisition_duration
        time = clock(total) if total is not None else "time not complete"
        yield "protocol", f"{protocol.name}: {len(protocol.acquisitions)} series, {time}"


def _container_warnings(found: Package) -> Iterator[Note]:
    if not found.media:
        message = f"not in the media layout ({container.MEDIA}/Protocol<N>.tar); import may refuse it"
        yield Note(code="bare-archive", message=message)
    for name, tar in found.archives.items():
        apple = sum(member.is_apple_double for member in tar.members)
        if apple:
            yield Note(code="apple-double", message=f"{name}: {apple} side files of macOS (._*)")
        if not found.gzipped and len(tar.to_bytes()) % 10240:
            yield Note(code="tar-length", message=f"{name}: length is no multiple of 10240 bytes")
        owners = {member.owner for member in tar.members} - {"sdc/informix"}
        if owners:
            yield Note(code="tar-owner", message=f"{name}: re-packed, not by a console's user")


def _protocol_warnings(found: Package, sessions: list[Session]) -> Iterator[Note]:
    for index, (folder, read_session) in enumerate(zip(found.folders, sessions, strict=True)):
        if any(char in facts.FORBIDDEN_IN_NAMES for char in read_session.name):
            message = f"{read_session.name!r} holds forbidden characters"
            yield Note(code="forbidden-name", message=message, protocol=index)
        if container.METADATA in folder.files:
            message = f"{container.METADATA} holds a checksum that an edited protocol no longer fits"
            yield Note(code="cloud-metadata", message=message, protocol=index)
        for step, task in enumerate(read_session.tasks):
            for code, message in _series_warnings(folder, task):
                yield Note(code=code, message=f"{task.name}: {message}", protocol=index, step=step)


def _series_warnings(folder: Folder, task: session.Task) -> Iterator[tuple[str, str]]:
    if task.scan_time is None:
        yield "no-scan-time", "no scan time: never prescribed since it was converted"
    pairs, _ = lxprotocol.values(folder.series(task) or b"", folder.name)
    blank = sorted(key for key, value in pairs.items() if value.strip() in ("", "null"))
    if blank:
        yield "blank-fields", f"blank: {', '.join(blank)}; to be reviewed on the console"
    missing = sorted({*facts.key_order().always, facts.PSEQ, facts.PLUG, facts.IMODE} - pairs.keys())
    if missing:
        yield "missing-keys", f"keys that every console writes are missing: {', '.join(missing)}"
    note = folder.note(task)
    if note and notes.has_pictures(note):
        yield "pictures", "the note embeds pictures, which may show patient data"
