"""What the documentation shows, to be run as it stands."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language, in their order."""
    text = (DOCS / document).read_text("utf-8")
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)


def replaced(text: str, changes: dict[str, str]) -> str:
    """Each must be there."""
    for before, after in changes.items():
        assert before in text, before
        text = text.replace(before, after)
    return text
