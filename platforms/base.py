"""What every platform's adapter is, and the facts that it reads out of the platform's events.

Pure: no database, no Flask. A fact names the account (page) and the person as the platform does; `at` is the
platform's own time of it, or None where that is missing or absurd.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

# Deskbell's configuration, by the names of config.py.
Settings = Mapping[str, Any]

# One event of a POST as JSON: {platform, account, ...}. Either is None where the event does not say.
Item = dict[str, Any]


@dataclass(frozen=True)
class Media:
    """Something in a message that is no text. `fetch`: its file may be copied; otherwise it is only linked to."""

    kind: str  # image, video, audio, file, sticker, link, story, location
    url: str | None = None
    title: str | None = None
    fetch: bool = False


@dataclass(frozen=True)
class Fact:
    account: str
    person: str
    at: datetime | None


@dataclass(frozen=True)
class Said(Fact):
    """A message. `mid` is the platform's id of it, or one made of the event. `by_team`: an echo of what the page
    said, by whatever means; `tag` is what Deskbell gave that along when it sent it."""

    mid: str
    text: str = ""
    media: tuple[Media, ...] = ()
    by_team: bool = False
    tag: str | None = None
    reply_to: str | None = None
    unsupported: bool = False
    extra: dict[str, Any] = field(default_factory=dict)  # quickReply, postback, referral, story


@dataclass(frozen=True)
class Edited(Fact):
    mid: str
    text: str
    number: int  # of the edit: the greatest holds


@dataclass(frozen=True)
class Removed(Fact):
    mid: str


@dataclass(frozen=True)
class Reacted(Fact):
    """`emoji` None: took it back. `by_team`: the page did."""

    mid: str
    emoji: str | None
    by_team: bool


@dataclass(frozen=True)
class Delivered(Fact):
    """What was sent at or before `until` has arrived, and these messages."""

    until: datetime | None
    mids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read(Fact):
    """What was sent at or before `until` is read; or this message and those before it."""

    until: datetime | None
    mid: str | None = None


@dataclass(frozen=True)
class Acted(Fact):
    """The person did something that lets the team write to him, and said nothing."""


@dataclass(frozen=True)
class Handed(Fact):
    """Which app answers the customer has changed, or is asked to. `key` names the event; `text` is for the team."""

    key: str
    text: str


@dataclass(frozen=True)
class Warned(Fact):
    """The platform restricts the account, or lifts that. `person` is empty."""

    action: str
    reason: str


class Ignored(Exception):
    """Why an event asks for nothing, in words for the journal."""


@dataclass(frozen=True)
class Account:
    """Whom Deskbell speaks for: `id` is the page's or account's, `api_url` where it is spoken to, and `path` how it is
    named there. `secrets`: of the app, the first one proves requests."""

    id: str
    token: str
    api_url: str
    path: str
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outgoing:
    """One request's worth of a message: a text, or a file. `human`: a human's answer after the usual window."""

    person: str
    tag: str
    text: str | None = None
    file: Path | None = None
    name: str = ""
    content_type: str = ""
    human: bool = False
    reply_to: str | None = None


@dataclass(frozen=True)
class Token:
    """`lifetime`: seconds."""

    text: str
    lifetime: float


@dataclass(frozen=True)
class App:
    """Deskbell's own app at the platform."""

    id: str | None
    secret: str | None


@dataclass(frozen=True)
class Profile:
    name: str | None
    picture: str | None


class Adapter(ABC):
    """One platform: its events in, its requests out. What it raises on sending is of platforms/failures.py."""

    name: ClassVar[str]  # as in models/enums.py
    title: ClassVar[str]  # for people

    @abstractmethod
    def account(self, settings: Settings, external_id: str, token: str) -> Account:
        """Where and how the platform is spoken to for this page or account."""

    @abstractmethod
    def signing_secrets(self, settings: Settings) -> list[str]:
        """Any of these may sign what the platform posts. None: nothing can be believed."""

    @abstractmethod
    def verify_tokens(self, settings: Settings) -> list[str]:
        """Configured words by which the platform shows that it was told this address here; may be none."""

    @abstractmethod
    def answer_handshake(self, query: Mapping[str, str], tokens: list[str]) -> str | None:
        """What the platform wants to hear when it asks whether an address is ours; None: it is not to be answered."""

    @abstractmethod
    def is_genuine(self, body: bytes, headers: Mapping[str, str], secrets: Iterable[str]) -> bool:
        """Whether the platform posted this body: checked over its raw bytes."""

    @abstractmethod
    def split(self, body: bytes) -> list[Item] | None:
        """The events of a POST, in their order; None if the body is not what the platform speaks. Never raises."""

    @abstractmethod
    def read(self, item: Item) -> Fact:
        """What an event says. Raises Ignored with the reason if nothing follows from it."""

    @abstractmethod
    def split_text(self, text: str) -> list[str]:
        """Pieces that the platform takes, none of which cuts a character."""

    @abstractmethod
    def send(self, account: Account, message: Outgoing) -> str | None:
        """Send; the platform's id of it, or None if it was taken without naming one."""

    @abstractmethod
    def show_typing(self, account: Account, person: str) -> None: ...

    @abstractmethod
    def mark_seen(self, account: Account, person: str) -> None: ...

    @abstractmethod
    def profile(self, account: Account, person: str) -> Profile: ...

    @abstractmethod
    def account_name(self, account: Account) -> str:
        """Who the token speaks for: raises if it does not speak for this account."""

    @abstractmethod
    def subscribe(self, account: Account) -> list[str]:
        """Have the platform send its events. Returns what is subscribed."""

    @abstractmethod
    def unsubscribe(self, account: Account) -> None: ...

    def renew_token(self, account: Account) -> Token | None:
        """Another token for the same account before this one ends; None where tokens are not renewed like that."""
        return None

    def token_ends(self, account: Account, app: App) -> datetime | None:
        """When the token ends; None: it does not, or that cannot be found out. Raises NeedsReauth if it is dead."""
        return None

    def media_hosts(self, account: Account) -> Iterable[str]:
        """host:port from which media may come although it is private: none but tests' own."""
        return ()
