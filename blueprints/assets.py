"""The files of static/, under a name that changes with their content, so that they can be kept for ever."""

import hashlib
from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"


@cache
def build_id() -> str:
    """A hash over every file that is served: the same files, the same addresses, on every process."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def asset(name: str) -> str:
    """The address of a static file, for templates: asset('dashboard/main.js')."""
    return f"/assets/{build_id()}/{name}"


@cache
def loader_source() -> str:
    """The widget's loader, told which build to load the rest from."""
    return (STATIC / "widget" / "loader.js").read_text("utf-8").replace("__BUILD__", build_id())
