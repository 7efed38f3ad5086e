"""The outbox: two servers on one database send mails, and one of them is killed between claim and finish."""

import asyncio
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from random import Random

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from chaos.process import ROOT, Host, free_port

MAILS = 24  # in each round: more than one worker takes at a time
SLOWNESS = 0.4  # seconds until the postbox says that it has a mail
QUIET = 3.0  # seconds without a change: then only the killed one's mails are left
PATIENCE = 30  # seconds for a round
CLAIM = 120  # seconds that a claim holds: as in actions/outbox.py

ENQUEUE = """
import sys
from actions.mails import queue_mail
from app import create_app
from store import write
company, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with create_app().app_context(), write() as tx:
    for number in range(first, first + count):
        queue_mail(tx, company, f"customer{number}@example.com", f"mail {number}", "Hello")
"""


class Postbox:
    """Takes its time. `arrived`: the subjects of what was handed over."""

    def __init__(self) -> None:
        port = free_port()
        self.arrived: Counter[str] = Counter()
        self.server = Controller(self, hostname="127.0.0.1", port=port)
        self.server.start()
        self.url = f"smtp://127.0.0.1:{port}"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 -- the library's name
        self.arrived[str(message_from_bytes(envelope.original_content or b"")["Subject"])] += 1
        await asyncio.sleep(SLOWNESS)
        return "250 OK"


@dataclass
class MailResult:
    written: int = 0
    arrived: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)  # without a reason
    held: int = 0  # by a process when it was killed
    repeated: int = 0  # of those

    @property
    def is_right(self) -> bool:
        return not (self.lost or self.doubled)

    def __str__(self) -> str:
        told = [f"    lost: {subject}" for subject in self.lost[:5]] + [
            f"    doubled: {one}" for one in self.doubled[:5]
        ]
        figures = (
            f"{'outbox':15} {'mails by two workers':24} queued {self.written} · arrived {self.arrived} · "
            f"lost {len(self.lost)} · doubled {len(self.doubled)} · held at a kill {self.held}, of which sent again "
            f"{self.repeated}"
        )
        return "\n".join([figures, *told])


class MailRun:
    """`rounds` with a kill each, after one without. `real_claims`: wait until the claims are over in the last one;
    otherwise the harness turns them back in the database."""

    def __init__(
        self, seed: int, rounds: int, *, tree: Path = ROOT, real_claims: bool = False, say: Callable[[str], None]
    ):
        self.random = Random(f"{seed}:mails")
        self.rounds, self.tree, self.real_claims, self.say = rounds, tree, real_claims, say
        self.held: set[str] = set()

    def result(self) -> MailResult:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskbell-chaos-")))
            postbox = Postbox()
            stack.callback(postbox.server.stop)
            self.hosts = [Host(folder, self.tree, SMTP_URL=postbox.url) for _ in range(2)]
            for host in self.hosts:
                stack.callback(host.kill)
                host.start()
            company = self.hosts[0].make_company(1)["companyId"]
            for number in range(self.rounds + 1):
                self._round(company, number)
            return self._compare(postbox, (self.rounds + 1) * MAILS)

    def _round(self, company: str, number: int) -> None:
        self.hosts[0].run(ENQUEUE, company, str(number * MAILS), str(MAILS))
        if number == 0:
            self._wait_until(lambda: not self._left(), PATIENCE)
            return
        self._wait_until(lambda: any(self._left().values()), PATIENCE)
        time.sleep(self.random.uniform(0.0, SLOWNESS))
        killed = self.random.choice(self.hosts)
        killed.kill()
        killed.start()
        held = self._wait_until_quiet()
        self.held.update(held)
        self.say(f"round {number}: {len(held)} mails were held by the killed process")
        if self.real_claims and number == self.rounds:
            self._wait_until(lambda: not self._left(), CLAIM + PATIENCE)
            return
        self._turn_back(held)
        self._wait_until(lambda: not self._left(), PATIENCE)

    def _left(self) -> dict[str, str | None]:
        """Subject → claim of what is still to be sent."""
        with closing(sqlite3.connect(self.hosts[0].database, timeout=10)) as database:
            return dict(database.execute("SELECT json_extract(payload, '$.subject'), claim FROM outbox WHERE NOT dead"))

    def _wait_until_quiet(self) -> list[str]:
        deadline = time.monotonic() + PATIENCE
        before, since = self._left(), time.monotonic()
        while time.monotonic() - since < QUIET and time.monotonic() < deadline:
            time.sleep(0.1)
            if (now := self._left()) != before:
                before, since = now, time.monotonic()
        return [subject for subject, claim in before.items() if claim]

    def _turn_back(self, subjects: list[str]) -> None:
        with closing(sqlite3.connect(self.hosts[0].database, timeout=10)) as database, database:
            database.executemany(
                "UPDATE outbox SET claimed_until = '2000-01-01 00:00:00.000000' "
                "WHERE json_extract(payload, '$.subject') = ?",
                [(subject,) for subject in subjects],
            )

    def _wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _compare(self, postbox: Postbox, written: int) -> MailResult:
        subjects = [f"mail {number}" for number in range(written)]
        return MailResult(
            written=written,
            arrived=len(postbox.arrived),
            lost=[subject for subject in subjects if not postbox.arrived[subject]],
            doubled=[
                f"{subject}: {postbox.arrived[subject]} times"
                for subject in subjects
                if postbox.arrived[subject] > (2 if subject in self.held else 1)
            ],
            held=len(self.held),
            repeated=sum(postbox.arrived[subject] > 1 for subject in self.held),
        )
