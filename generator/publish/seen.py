"""What a verifier has seen: the highest publication number of each key, so that an older copy is noticed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from generator.errors import UnusableInput
from generator.publish.signing import PublicKey


@dataclass(frozen=True)
class Seen:
    """A file of the verifier's own: key to number.

    Attributes
    ----------
    path : Path
        Made with the first number that is remembered.
    """

    path: Path

    def number(self, key: PublicKey) -> int:
        """Return the highest number seen; 0 if there is none.

        Raises
        ------
        UnusableInput
            If the file is not one of these: then nobody knows what was seen.
        """
        return self._read().get(key.octets.hex(), 0)

    def remember(self, key: PublicKey, number: int) -> None:
        """Keep a number if it is higher than what was seen."""
        known = self._read()
        if number > known.get(key.octets.hex(), 0):
            known[key.octets.hex()] = number
            fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
            fresh.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            fresh.replace(self.path)

    def _read(self) -> dict[str, int]:
        if not self.path.exists():
            return {}
        try:
            known = json.loads(self.path.read_text(encoding="utf-8"))
            return {str(key): int(number) for key, number in known.items()}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise UnusableInput(self.path, f"is no list of what was verified: {error}") from error
