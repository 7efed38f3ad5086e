"""Cuts a text into pieces that a platform takes."""

from collections.abc import Callable

import regex

GRAPHEME = regex.compile(r"\X")
BREAKS = "\n", " "


def split_text(text: str, most: int, size: Callable[[str], int]) -> list[str]:
    """Pieces of at most `most` by `size`, cut between lines or words where one is near, and never inside of what a
    reader sees as one character. (One character that is larger than a whole piece is cut between code points.)"""
    pieces: list[str] = []
    while size(text) > most:
        end = _end(text, most, size)
        head, text = text[:end], text[end:]
        if head.strip():
            pieces.append(head.strip())
        text = text.lstrip() or ""
    return [*pieces, text] if text.strip() or not pieces else pieces


def _end(text: str, most: int, size: Callable[[str], int]) -> int:
    end = used = 0
    for match in GRAPHEME.finditer(text):
        used += size(match.group())
        if used > most:
            break
        end = match.end()
    if end == 0:
        return _end_of_points(text, most, size)
    for mark in BREAKS:
        place = text.rfind(mark, end // 2, end + 1)
        if place > 0:
            return place
    return end


def _end_of_points(text: str, most: int, size: Callable[[str], int]) -> int:
    end = used = 0
    while end < len(text) and (used := used + size(text[end])) <= most:
        end += 1
    return max(end, 1)


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def utf8_bytes(text: str) -> int:
    return len(text.encode())
