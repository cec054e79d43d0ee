"""Golden exports: folders of files compared byte by byte, with one command to accept a change."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Golden:
    root: Path
    accept: bool

    def check(self, name: str, files: Mapping[str, bytes]) -> None:
        """Compare ``files`` with the folder ``name``: same names, same bytes.

        Parameters
        ----------
        name : str
            Folder below ``tests/golden``, such as ``ge/kitchen-sink``.
        files : mapping of str to bytes
            Relative path to content. Archives are best given unpacked, so that a change can be read.
        """
        folder = self.root / name
        if self.accept:
            shutil.rmtree(folder, ignore_errors=True)
            for path, content in files.items():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            return
        assert folder.is_dir(), f"no golden {name}; run `make accept` and look at what it wrote"
        kept = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        assert kept == set(files), f"{name}: other files than accepted; run `make accept` if that is meant"
        for path, content in files.items():
            assert (folder / path).read_bytes() == content, f"{name}/{path} differs; `make accept` if meant"
