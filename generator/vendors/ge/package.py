"""Where protocols come from: a tar, plain or gzip'd, the media layout, a folder, one text, a DICOM file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator.errors import UnusableInput
from generator.vendors.ge import archive

SESSION, SERIES, NOTE, METADATA = "session.xml", "LxProtocol", ".pn/notes.html", "protocolMetadata.json"
MEDIA = ".rawProtocol"
MAX_FILE_BYTES = 512 << 20
_GZIP = b"\x1f\x8b"
_DICOM = b"DICM"


@dataclass(frozen=True, slots=True)
class Folder:
    """One protocol directory: path inside it to content."""

    name: str
    files: Mapping[str, bytes]
    source: str


@dataclass(frozen=True, slots=True)
class Package:
    """The protocol directories of one input, and the archives it consists of.

    Attributes
    ----------
    archives : mapping of str to Archive
        Name of each tar to its members; empty for folders, and if only reading was asked for.
    gzipped : bool
        Whether the archive was compressed.
    media : bool
        Whether it is in the layout that consoles import.
    """

    folders: tuple[Folder, ...]
    archives: Mapping[str, archive.Archive] = field(default_factory=dict)
    gzipped: bool = False
    media: bool = False


def sniff(path: Path, head: bytes) -> str | None:
    """Recognise a GE protocol by its content; for a folder by the names in it."""
    if path.is_dir():
        return "ge-protocol" if _is_folder(path) else None
    if head[128:132] == _DICOM:
        from generator.vendors.ge import dicom

        return "ge-lxprotocol" if dicom.has_block(path) else None
    if _looks_like_series(head):
        return "ge-lxprotocol"
    if head.startswith(_GZIP) or head[257:262] == b"ustar":
        return "ge-protocol"
    return None


def _is_folder(path: Path) -> bool:
    if path.name == MEDIA or (path / MEDIA).is_dir() or (path / SESSION).is_file():
        return True
    return any((child / SESSION).is_file() for child in path.iterdir() if child.is_dir())


def _looks_like_series(head: bytes) -> bool:
    first = head.lstrip()
    return first.startswith((b"set ", b"set\t")) and b'"' in first[:512]


def load(path: Path, *, to_write: bool = False) -> Package:
    """Open an input as protocol directories.

    Parameters
    ----------
    to_write : bool
        Whether the archives themselves are wanted too, member by member.

    Raises
    ------
    UnusableInput
        If it is damaged, hostile, or holds no protocol.
    """
    found = _from_folder(path, to_write) if path.is_dir() else from_bytes(read_file(path), path, to_write)
    if not found.folders:
        raise UnusableInput(path, f"no GE protocol: there is no {SESSION} in it")
    return found


def from_bytes(data: bytes, path: Path, to_write: bool = False) -> Package:
    """Open an archive, plain or compressed, whose bytes are there already; it may hold no protocol."""
    gzipped = data.startswith(_GZIP)
    plain = archive.gunzip(data, str(path)) if gzipped else data
    folders = tuple(_folders(archive.contents(plain, str(path)), str(path)))
    archives = {path.name: archive.read(plain, str(path))} if to_write else {}
    return Package(folders, archives, gzipped, path.parent.name == MEDIA)


def read_file(path: Path) -> bytes:
    """Bytes of a file within the limit.

    Raises
    ------
    UnusableInput
        If it cannot be read or is too large.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnusableInput(path, "larger than any protocol archive")
        return path.read_bytes()
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from None


def read_head(path: Path) -> bytes:
    """First bytes of a file, enough to recognise it.

    Raises
    ------
    UnusableInput
        If it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(4096)
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from None


def _from_folder(path: Path, to_write: bool) -> Package:
    media = path if path.name == MEDIA else path / MEDIA
    if media.is_dir():
        tars = sorted(p for p in media.iterdir() if p.suffix == ".tar" and not p.name.startswith("._"))
        if not tars:
            raise UnusableInput(path, f"no Protocol<N>.tar in {MEDIA}")
        parts = [from_bytes(read_file(tar), tar, to_write) for tar in tars]
        folders = tuple(folder for part in parts for folder in part.folders)
        return Package(
            folders, {name: tar for part in parts for name, tar in part.archives.items()}, media=True
        )
    root = path.parent if (path / SESSION).is_file() else path
    places = [path] if root != path else sorted(p for p in path.iterdir() if (p / SESSION).is_file())
    return Package(tuple(Folder(place.name, _walk(place), str(path)) for place in places))


def _walk(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.name.startswith("._"):
            continue
        total += path.stat().st_size
        if len(files) >= archive.MAX_MEMBERS or total > archive.MAX_TOTAL_BYTES:
            raise UnusableInput(folder, "larger than any protocol directory")
        files[path.relative_to(folder).as_posix()] = read_file(path)
    return files


def _folders(files: Iterable[tuple[str, bytes]], source: str) -> Iterable[Folder]:
    """Group files by the directory that holds a session.xml, in the order they first appear."""
    by_top: dict[str, dict[str, bytes]] = defaultdict(dict)
    for name, data in files:
        if "/._" not in name:
            top, _, rest = name.partition("/")
            by_top[top][rest] = data
    for top, content in by_top.items():
        if SESSION in content:
            yield Folder(top, content, source)
