"""Judges a workbook by its table of contents, before anything is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from subscribers.transfer import faults
from subscribers.transfer.faults import Fault, FileRefused

_OTHER_WORKBOOKS: Final = ("workbook.bin", "content.xml", "index/document.iwa")


def check_parts(path: Path) -> None:
    """Raises FileRefused."""
    if path.stat().st_size > faults.LARGEST_WORKBOOK:
        raise FileRefused(Fault.TOO_LARGE, megabytes=faults.LARGEST_WORKBOOK // faults.MEGABYTE)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileRefused(Fault.DAMAGED) from error
    if any(part.flag_bits & 0x1 for part in parts):
        raise FileRefused(Fault.ENCRYPTED)
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    too_dense = unpacked > faults.MEGABYTE and unpacked / packed > faults.HIGHEST_RATIO
    if len(parts) > faults.MOST_PARTS or unpacked > faults.MOST_UNPACKED or too_dense:
        raise FileRefused(Fault.BOMB)
    _check_kind([part.filename.lower() for part in parts])


def _check_kind(names: list[str]) -> None:
    if any(name.endswith("workbook.xml") for name in names):
        return
    if any(name.endswith(_OTHER_WORKBOOKS) for name in names):
        raise FileRefused(Fault.OTHER_WORKBOOK)
    if any(name.endswith((".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")) for name in names):
        raise FileRefused(Fault.ARCHIVE)
    raise FileRefused(Fault.DAMAGED if any(name.startswith("xl/") for name in names) else Fault.NOT_A_WORKBOOK)
