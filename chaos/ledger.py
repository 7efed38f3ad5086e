"""What people wrote, and what they were answered."""

import re
import threading
from dataclasses import dataclass

TOKEN = re.compile(r"\b[a-z]+\d+\.\d+\b")


@dataclass(frozen=True)
class Written:
    """`token`: in the text, and in no other one. `number`: it counts the author's messages."""

    token: str
    author: str
    number: int
    side: str  # "visitor" or "team"


class Ledger:
    def __init__(self) -> None:
        self.written: dict[str, Written] = {}
        self.acknowledged: dict[str, str] = {}  # token → the message's id, "" where a browser does not tell it
        self.contradictions: list[str] = []  # answers that cannot be right
        self._lock = threading.Lock()

    def write(self, author: str, number: int, side: str) -> str:
        token = f"{author}.{number}"
        with self._lock:
            self.written[token] = Written(token, author, number, side)
        return token

    def acknowledge(self, token: str, message_id: str) -> None:
        with self._lock:
            before = self.acknowledged.get(token)
            if before and message_id and before != message_id:
                self.contradictions.append(f"{token} was answered as message {before} and as {message_id}")
            self.acknowledged[token] = before or message_id

    def contradict(self, what: str) -> None:
        with self._lock:
            self.contradictions.append(what)

    @property
    def is_complete(self) -> bool:
        return len(self.acknowledged) == len(self.written)


def token_in(text: str) -> str:
    """The token of a text; the text itself if there is none."""
    found = TOKEN.search(text)
    return found[0] if found else text
