"""What the simulated Meta knows: accounts, people, what was sent, and what the next calls are answered."""

import hashlib
import hmac
import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Any

PAGE, ACCOUNT = "112233445566778", "17841400000000001"
APP_ID, OTHER_APP = "1517776481860111", "26390203743090"
DAY = 24 * 3600


@dataclass
class Account:
    """A page or an Instagram account."""

    id: str
    kind: str  # page or instagram
    name: str
    token: str
    fields: list[str] = field(default_factory=list)
    token_error: dict[str, Any] | None = None  # what every call is answered once the token is dead


@dataclass
class Person:
    id: str
    name: str
    wrote_at: float | None = None  # by the shifted clock
    profile_error: dict[str, Any] | None = None


@dataclass
class Script:
    """What the next `times` calls whose path holds `path` are answered. `behaviour`: see server.py."""

    path: str
    times: int
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    behaviour: str = ""
    seconds: float = 0.0


class State:
    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.lock = threading.RLock()
        self.accounts = {
            PAGE: Account(PAGE, "page", "Bells & Sons", "page-token"),
            ACCOUNT: Account(ACCOUNT, "instagram", "bells.and.sons", "ig-token"),
        }
        self.people: dict[str, Person] = {}
        self.scripts: list[Script] = []
        self.requests: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []  # messages that were taken: {mid, account, person, message}
        self.options: dict[str, Any] = {"echo": "after", "receipts": True, "require_proof": False}
        self.shift = 0.0  # seconds
        self.numbers = itertools.count(1)

    def now(self) -> float:
        return time.time() + self.shift

    def number(self) -> int:
        return next(self.numbers)

    def person(self, person_id: str) -> Person:
        return self.people.setdefault(person_id, Person(person_id, f"Customer {person_id[-4:]}"))

    def account_of(self, token: str) -> Account | None:
        return next((one for one in self.accounts.values() if one.token == token), None)

    def script_for(self, path: str) -> Script | None:
        with self.lock:
            for script in self.scripts:
                if script.path in path and script.times > 0:
                    script.times -= 1
                    return script
        return None

    def proof(self, token: str) -> str:
        return hmac.new(self.secret.encode(), token.encode(), hashlib.sha256).hexdigest()


class GraphError(Exception):
    """Answered as Meta does."""

    def __init__(self, code: int, message: str, subcode: int | None = None, status: int = 400):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Simulated"}}
        if subcode is not None:
            self.body["error"]["error_subcode"] = subcode
