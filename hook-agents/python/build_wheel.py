"""A build backend (PEP 517) of its own, so that pip installs the library offline: a wheel is a zip file."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from pathlib import Path
from typing import Any, Dict, Optional

here = Path(__file__).parent


def build_wheel(
    wheel_directory: str, config_settings: Any = None, metadata_directory: Optional[str] = None
) -> str:
    project = (here / "pyproject.toml").read_text("utf-8")
    name, version, summary, python = (
        _member(project, key) for key in ("name", "version", "description", "requires-python")
    )
    stem = f"{name.replace('-', '_')}-{version}"
    package = here / "src" / "hook_agent"
    files: Dict[str, bytes] = {
        f"hook_agent/{path.name}": path.read_bytes()
        for path in sorted(package.iterdir())
        if path.suffix == ".py" or path.name == "py.typed"
    }
    readme = (here / "README.md").read_text("utf-8")
    files[f"{stem}.dist-info/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {summary}\nLicense: MIT\n"
        f"Requires-Python: {python}\nDescription-Content-Type: text/markdown\n\n{readme}"
    ).encode()
    files[f"{stem}.dist-info/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: build_wheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = f"{stem}.dist-info/RECORD"
    lines = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in files.items()]
    files[record] = "\n".join([*lines, f"{record},,\n"]).encode()
    wheel = f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return wheel


def _member(project: str, key: str) -> str:
    """Python 3.9 and 3.10 bring no reader of TOML."""
    match = re.search(rf'^{key} = "(.*)"$', project, re.MULTILINE)
    if match is None:
        raise ValueError(f"pyproject.toml has no {key}")
    return match[1]


def _digest(content: bytes) -> str:
    """PEP 427: URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
