"""DICOM files from outside: pydicom, lent silently, and what it stumbles over as a located message."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generator.errors import ExamcardError, UnusableInput, UsageError, shortened


@contextmanager
def pydicom_for(path: Path) -> Iterator[Any]:
    """Lend pydicom for one file.

    Raises
    ------
    UsageError
        If pydicom, the optional extra ``dicom``, is not installed.
    UnusableInput
        For whatever its parsers raise on broken bytes; also for a length that no memory holds.
    """
    try:
        import pydicom
    except ImportError as error:
        raise UsageError(
            "reading DICOM needs pydicom: install the optional extra, pip install 'examcard[dicom]'"
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield pydicom
    except ExamcardError:
        raise
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    except Exception as error:  # its parsers raise whatever they stumble over in broken bytes
        why = f"{type(error).__name__}: {shortened(error)}"
        raise UnusableInput(path, f"damaged DICOM, or none: not readable as DICOM ({why})") from error
