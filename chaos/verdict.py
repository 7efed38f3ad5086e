"""The comparison: what was acknowledged, what is stored, and what every screen shows."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from chaos.ledger import Ledger, token_in

TOLD = 5  # offending messages that are named for each line
SIDES = {"visitor": "visitor → team", "team": "team → visitor"}
LIST = "both"


@dataclass(frozen=True)
class Row:
    id: str
    conversation: str
    seq: int
    side: str
    public: bool
    token: str


@dataclass
class Screen:
    """What one client showed. `whole=False`: it may begin later than its conversation does, with `least` messages."""

    name: str
    kind: str
    sees_internal: bool
    shown: dict[str, list[str]]  # conversation's id → tokens from top to bottom
    conversations: set[str] | None = None  # those it has to show; None: all
    whole: bool = True
    least: int = 40


@dataclass
class Line:
    """One line of the result."""

    side: str
    kind: str
    acknowledged: int = 0
    stored: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        return not (self.lost or self.doubled or self.out_of_order)

    def __str__(self) -> str:
        figures = (
            f"acknowledged {self.acknowledged:,} · stored {self.stored:,} · lost {len(self.lost)} · "
            f"doubled {len(self.doubled)} · out of order {len(self.out_of_order)}"
        )
        return f"{SIDES.get(self.side, self.side):15} {self.kind:24} {figures}"


def read_database(file: Path) -> list[Row]:
    """Every message, in the order of its conversation."""
    query = """
        SELECT id, conversation_id, seq, role, public_seq IS NOT NULL, text FROM message
        WHERE role IN ('USER', 'AGENT') ORDER BY conversation_id, seq
    """
    with closing(sqlite3.connect(file, timeout=10)) as database:
        return [
            Row(message_id, conversation, seq, "visitor" if role == "USER" else "team", bool(public), token_in(text))
            for message_id, conversation, seq, role, public, text in database.execute(query)
        ]


def judge(ledger: Ledger, rows: list[Row], screens: Iterable[Screen]) -> list[Line]:
    screens = list(screens)
    lines = []
    for side in SIDES:
        lines.append(_judge_database(ledger, [row for row in rows if row.side == side], side))
        for kind in dict.fromkeys(screen.kind for screen in screens):
            lines.append(_judge_screens(ledger, rows, [screen for screen in screens if screen.kind == kind], side))
    return lines


def _judge_database(ledger: Ledger, rows: list[Row], side: str) -> Line:
    acknowledged = {token for token in ledger.acknowledged if ledger.written[token].side == side}
    line = Line(side, "database", len(acknowledged), len(rows))
    counted = Counter(row.token for row in rows)
    written = {token for token, message in ledger.written.items() if message.side == side}
    line.lost = [f"{token}: acknowledged and not stored" for token in sorted(acknowledged - set(counted))]
    line.lost += [f"{token}: never sent" for token in sorted(written - acknowledged - set(counted))]
    ids = {row.id for row in rows}
    line.lost += [
        f"{token}: acknowledged as {ledger.acknowledged[token]}, which is not stored"
        for token in sorted(acknowledged & set(counted))
        if ledger.acknowledged[token] and ledger.acknowledged[token] not in ids
    ]
    line.doubled = [f"{token}: stored {count} times" for token, count in counted.items() if count > 1]
    newest: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        message = ledger.written.get(row.token)
        if message is None:
            line.doubled.append(f"{row.token}: nobody wrote it")
            continue
        place = (row.conversation, message.author)
        if message.number < newest[place]:
            line.out_of_order.append(f"{row.token}: stored after {message.author}.{newest[place]}")
        newest[place] = max(newest[place], message.number)
    return line


def _judge_screens(ledger: Ledger, rows: list[Row], screens: list[Screen], side: str) -> Line:
    """Sums over the screens of one kind: each should show each of its messages."""
    line = Line(side, f"{screens[0].kind} × {len(screens)}")
    by_conversation: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_conversation[row.conversation].append(row)
    for screen in screens:
        for conversation in screen.conversations if screen.conversations is not None else by_conversation:
            expected = [row for row in by_conversation[conversation] if row.public or screen.sees_internal]
            _judge_screen(ledger, line, screen, expected, screen.shown.get(conversation, []))
    return line


def _judge_screen(ledger: Ledger, line: Line, screen: Screen, expected: list[Row], shown: list[str]) -> None:
    if not screen.whole and len(shown) >= screen.least:
        first = next((number for number, row in enumerate(expected) if row.token == shown[0]), 0)
        expected = expected[first:]
    mine = [row for row in expected if row.side == line.side]
    line.acknowledged += sum(row.token in ledger.acknowledged for row in mine)
    line.stored += len(mine)
    counted = Counter(shown)
    line.lost += [f"{row.token}: not on the screen of {screen.name}" for row in mine if not counted[row.token]]
    sides = {row.token: row.side for row in expected}
    line.doubled += [
        f"{token}: {count} times on the screen of {screen.name}"
        for token, count in counted.items()
        if count > 1 and sides.get(token) == line.side
    ]
    if line.side == "visitor":
        line.doubled += [
            f"{token}: on the screen of {screen.name}, not stored there" for token in counted if token not in sides
        ]
    place = {row.token: number for number, row in enumerate(expected)}
    newest = -1
    for token in shown:
        at = place.get(token, newest)
        if at < newest and sides[token] == line.side:
            line.out_of_order.append(f"{token}: after {expected[newest].token} on the screen of {screen.name}")
        newest = max(newest, at)


def judge_list(file: Path, shown: list[tuple[str, str]]) -> Line:
    """The dashboard's list: every conversation once, the newest first, with its newest message as preview."""
    query = "SELECT id, last_message_text FROM conversation ORDER BY last_message_at DESC, id DESC"
    with closing(sqlite3.connect(file, timeout=10)) as database:
        expected = [(conversation, token_in(text)) for conversation, text in database.execute(query)]
    line = Line(LIST, "dashboard's list", len(expected), len(expected))
    previews = dict(shown)
    for conversation, token in expected:
        if previews.get(conversation) != token:
            line.lost.append(f"{token}: the preview of {conversation} is {previews.get(conversation)}")
    line.doubled = [f"{one}: {count} rows" for one, count in Counter(one for one, _ in shown).items() if count > 1]
    if [one for one, _ in shown] != [one for one, _ in expected] and not line.lost and not line.doubled:
        line.out_of_order.append(f"the list shows {shown} instead of {expected}")
    return line


def tell(lines: list[Line]) -> str:
    said = []
    for line in lines:
        said.append(str(line))
        for name, offending in (("lost", line.lost), ("doubled", line.doubled), ("out of order", line.out_of_order)):
            said += [f"    {name}: {what}" for what in offending[:TOLD]]
    return "\n".join(said)
