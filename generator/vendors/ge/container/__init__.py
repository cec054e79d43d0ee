"""Where protocols come from: a tar, plain or gzip'd, the media layout, a folder, one text, a DICOM file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator import limits
from generator.errors import UnusableInput
from generator.vendors.ge.container import archive, lxprotocol
from generator.vendors.ge.container import session as sessions

SESSION, SERIES, NOTE, METADATA = "session.xml", "LxProtocol", ".pn/notes.html", "protocolMetadata.json"
MEDIA = ".rawProtocol"
_DICOM, _NO_PREAMBLE, _FIRST_TYPES = b"DICM", (b"\x08\0", b"\x02\0"), (b"UL", b"CS", b"SH", b"\4\0")
ARCHIVES = (".tar", ".tar.gz", ".tgz")
_CANONICAL = {name.lower(): name for name in (SESSION, SERIES, METADATA, "notes.html")}
_OUR_NAMES = (MEDIA[1:].encode(), SESSION.encode(), SERIES.encode())
_OTHER_PACKING = {b"PK\3\4": "zip", b"7z\xbc\xaf": "7z", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"Rar!": "rar"}


@dataclass(frozen=True, slots=True)
class Folder:
    """One protocol directory: its path in the input, and path inside it to content."""

    name: str
    files: Mapping[str, bytes]
    source: str

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.source}!{self.name}"

    def session(self) -> sessions.Session:
        """Read its session.xml. Raises UnusableInput."""
        return sessions.read(self.files[SESSION], f"{self.place}/{SESSION}")

    def series(self, task: sessions.Task) -> bytes | None:
        """Return the LxProtocol of a series, ``None`` where it is missing."""
        return self.files.get(f"{task.folder}/{SERIES}")

    def note(self, task: sessions.Task) -> bytes | None:
        """Return the note of a series."""
        return self.files.get(f"{task.folder}/{NOTE}")


def series_files(place: str, pairs: bytes, note: bytes) -> dict[str, bytes | None]:
    """Path to content of the directory of a series; ``None`` for folders."""
    return {place: None, f"{place}/{SERIES}": pairs, f"{place}/.pn": None, f"{place}/{NOTE}": note}


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
    if is_dicom(head):
        return "ge-lxprotocol" if lxprotocol.has_block(path) else None
    if is_series(head):
        return "ge-lxprotocol"
    if head.startswith(archive.GZIP_MAGIC) or archive.starts_with_header(head):
        return "ge-protocol"
    return "ge-protocol" if _repacked(head) and any(name in head for name in _OUR_NAMES) else None


def is_dicom(head: bytes) -> bool:
    """Whether a file is DICOM, with its preamble or, as consoles export raw images, without."""
    return head[128:132] == _DICOM or (head.startswith(_NO_PREAMBLE) and head[4:6] in _FIRST_TYPES)


def _is_folder(path: Path) -> bool:
    if _is_media(path) or (path / SESSION).is_file():
        return True
    return any(
        (child / SESSION).is_file() or _is_media(child) if child.is_dir() else _is_protocol_archive(child)
        for child in path.iterdir()
    )


def _is_media(path: Path) -> bool:
    """Whether a folder is the hidden one of the media layout; copies of media lose the dot or the case."""
    return path.name.lower().lstrip(".") == MEDIA.lower().lstrip(".") and path.is_dir()


def _is_protocol_archive(path: Path) -> bool:
    return path.name.lower().startswith("protocol") and path.name.lower().endswith(ARCHIVES)


def is_series(head: bytes) -> bool:
    """Whether a file is the text of one series."""
    first = head.lstrip()
    return first.startswith((b"set ", b"set\t")) and b'"' in first[:512]


def _repacked(head: bytes) -> str | None:
    return next((name for mark, name in _OTHER_PACKING.items() if head.startswith(mark)), None)


def check_packing(path: Path, head: bytes) -> None:
    """Refuse what is neither a tar, plain or gzip'd, nor anything else that can be read.

    Raises UnusableInput with the way out, where a packer of files is recognised.
    """
    if packer := _repacked(head):
        raise UnusableInput(path, f"packed with {packer}: unpack it, then read the tar or the folder in it")
    if sniff(path, head) is None:
        raise UnusableInput(path, "neither a tar archive nor an LxProtocol text")


def load(path: Path, *, to_write: bool = False) -> Package:
    """Open an input as protocol directories.

    Parameters
    ----------
    to_write : bool
        Whether the archives themselves are wanted too, member by member.

    Raises UnusableInput if it is damaged, hostile, or holds no protocol.
    """
    found = (
        _from_folder(path, to_write) if path.is_dir() else from_bytes(limits.content(path), path, to_write)
    )
    if not found.folders:
        raise UnusableInput(path, f"no GE protocol: there is no {SESSION} in it")
    return found


def from_bytes(data: bytes, path: Path, to_write: bool = False) -> Package:
    """Open an archive, plain or compressed, whose bytes are there already; it may hold no protocol."""
    packed = data.startswith(archive.GZIP_MAGIC)
    plain = archive.gunzip(data, str(path)) if packed else data
    folders = tuple(_folders(archive.contents(plain, str(path)), str(path)))
    archives = {path.name: archive.read(plain, str(path))} if to_write else {}
    return Package(folders, archives, packed, _is_media(path.parent))


def _from_folder(path: Path, to_write: bool) -> Package:
    media = next((p for p in (path, *sorted(path.iterdir())) if _is_media(p)), None)
    root = media or path
    tars = sorted(p for p in root.iterdir() if _is_archive(p, media is not None))
    if tars:
        parts = [from_bytes(limits.content(tar), tar, to_write) for tar in tars]
        folders = tuple(folder for part in parts for folder in part.folders)
        archives = {name: tar for part in parts for name, tar in part.archives.items()}
        return Package(folders, archives, media=media is not None)
    if (path / SESSION).is_file():
        return Package((Folder(path.name, _walk(path), str(path.parent)),))
    places = sorted(p for p in root.iterdir() if (p / SESSION).is_file())
    if media and not places:
        raise UnusableInput(path, f"no Protocol<N>.tar in {media.name}")
    return Package(tuple(Folder(place.name, _walk(place), str(root)) for place in places))


def _is_archive(path: Path, media: bool) -> bool:
    name = path.name.lower()
    wanted = name.endswith(ARCHIVES) if media else _is_protocol_archive(path)
    return wanted and not name.startswith("._") and path.is_file()


def _walk(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.name.startswith("._"):
            continue
        total += path.stat().st_size
        if len(files) >= limits.MEMBERS or total > limits.INFLATED_BYTES:
            raise UnusableInput(folder, "larger than any protocol directory")
        files[path.relative_to(folder).as_posix()] = limits.content(path)
    return files


def _folders(files: Iterable[tuple[str, bytes]], source: str) -> Iterator[Folder]:
    """Group files by the directory that holds a session.xml, in the order they first appear."""
    by_top: dict[str, dict[str, bytes]] = defaultdict(dict)
    for name, data in files:
        if "/._" not in name:
            top, _, rest = name.partition("/")
            by_top[top][rest] = data
    if all(SESSION in content for content in by_top.values()):
        yield from (Folder(top, content, source) for top, content in by_top.items())
    else:
        yield from _deep_folders(by_top, source)


def _deep_folders(by_top: Mapping[str, Mapping[str, bytes]], source: str) -> Iterator[Folder]:
    """Protocols of an archive that holds something else too, or holds them deeper or in other letters."""
    files = {
        "/".join(part for part in (top, rest) if part): data
        for top, content in by_top.items()
        for rest, data in content.items()
    }
    if not any(name.rpartition("/")[2] == SESSION for name in files):
        files = {_canonical(name): data for name, data in files.items()}
    for name in files:
        folder, _, last = name.rpartition("/")
        if last == SESSION:
            stem = f"{folder}/" if folder else ""
            inside = {path[len(stem) :]: data for path, data in files.items() if path.startswith(stem)}
            yield Folder(folder or ".", inside, source)


def _canonical(name: str) -> str:
    folder, slash, last = name.rpartition("/")
    return folder + slash + _CANONICAL.get(last.lower(), last)
