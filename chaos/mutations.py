"""Copies of the source in which one guard of the promise is missing: a run on one of them has to fail."""

import shutil
from pathlib import Path

from chaos.process import ROOT

NOT_NEEDED = shutil.ignore_patterns(".*", "tests", "chaos", "docs", "instance", "__pycache__", "*.log")

# Name → [(file, what stands there, what stands there instead)].
SOURCES: dict[str, list[tuple[str, str, str]]] = {
    "no-unique-index": [
        (
            "actions/messages.py",
            "select(Message).where(author, Message.client_id == client_id)",
            "select(Message).where(author, Message.client_id == None)",
        ),
        ("models/message.py", '        UniqueConstraint("identity_id", "client_id"),\n', ""),
        ("models/message.py", '        UniqueConstraint("agent_id", "client_id"),\n', ""),
        (
            "migrations/versions/20261123_first_tables.py",
            '        sa.UniqueConstraint("identity_id", "client_id", name=op.f("uq_message_identity_id_client_id")),\n',
            "",
        ),
        (
            "migrations/versions/20261123_first_tables.py",
            '        sa.UniqueConstraint("agent_id", "client_id", name=op.f("uq_message_agent_id_client_id")),\n',
            "",
        ),
    ],
    "no-claim": [
        ("actions/outbox.py", "OutboxItem.next_at <= moment, free, ~waits", "OutboxItem.next_at <= moment, ~waits")
    ],
}
CLIENTS = "no-catch-up"  # a mutation of the clients: the source stays as it is
NAMES = (CLIENTS, *SOURCES)


def mutated(name: str, folder: Path) -> Path:
    """A copy of the source with this mutation. Raises ValueError if the source has changed too much for it."""
    tree = folder / "source"
    shutil.copytree(ROOT, tree, ignore=NOT_NEEDED)
    for file, before, after in SOURCES[name]:
        text = (tree / file).read_text()
        if text.count(before) != 1:
            raise ValueError(f"{name}: {file} does not hold {before!r} once any more: renew chaos/mutations.py")
        (tree / file).write_text(text.replace(before, after))
    return tree
