"""One run: people write while the plan breaks things; then everything is healed, and the screens are compared."""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import requests

from chaos.browsers import Browsers
from chaos.faults import Storm
from chaos.ledger import Ledger
from chaos.network import Network
from chaos.people import Agent, Person, Visitor
from chaos.plan import Plan
from chaos.process import ROOT, Host
from chaos.verdict import Line, Row, Screen, judge, judge_list, read_database, tell

P = TypeVar("P", bound=Person)

TRANSPORTS = (["websocket"], ["polling"], ["websocket", "polling"])


@dataclass
class Result:
    lines: list[Line]
    contradictions: list[str]
    report: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        return all(line.is_right for line in self.lines) and not self.contradictions

    def __str__(self) -> str:
        wrong = [f"    contradiction: {what}" for what in self.contradictions[:5]]
        return "\n".join([*self.report, tell(self.lines), *wrong])


class Run:
    """`Run(plan).result()`. `tree`: the source that the server runs from. `chromium`: its path, or None."""

    def __init__(
        self,
        plan: Plan,
        *,
        tree: Path = ROOT,
        catches_up: bool = True,
        chromium: str | None = None,
        say: Callable[[str], None] = lambda _: None,
    ):
        self.plan, self.tree, self.catches_up = plan, tree, catches_up
        self.chromium, self.say = chromium, say
        self.ledger = Ledger()
        self.people: list[Person] = []
        self.browsers: Browsers | None = None

    def result(self) -> Result:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskbell-chaos-")))
            self.host = Host(folder, self.tree)
            stack.callback(self.host.kill)
            self.host.start()
            self.company = self.host.make_company(self.plan.agents)
            self.network = stack.enter_context(Network(self.host.port, self.plan.random("network")))
            self._gather()
            stack.callback(self._end)
            if self.browsers:
                self.browsers.prepare()
            begun = time.monotonic()
            storm = Storm(self.plan, self.host, self.network, self.browsers.faults.put if self.browsers else None)
            for person in self._everybody:
                person.start()
            try:
                storm.run(lambda: len(self.ledger.acknowledged), self._all_sent)
            except TimeoutError as stuck:
                self.ledger.contradict(f"{stuck}; {self._who_waits()}")
            storm.heal()
            self.say(f"the plan is through after {time.monotonic() - begun:.0f} s; now everything may settle")
            settled = self._settle()
            lines = self._judge()
            if settled.startswith("not"):
                self.say(self._state())
            done = ", ".join(f"{kind} {count}" for kind, count in {**storm.done, **self.network.done}.items())
            report = [f"faults: {done}; the server was started {self.host.starts} times", settled]
            return Result(lines, self.ledger.contradictions, report)

    def _gather(self) -> None:
        visitors, agents = self.plan.messages_of_each(with_browsers=self.chromium is not None)
        names = [f"v{number}" for number in range(len(visitors))], [f"a{number}" for number in range(len(agents))]
        if self.chromium is not None:
            self.browsers = Browsers(
                self.chromium,
                self.network.url,
                self.company,
                self.ledger,
                self.plan.random,
                visitor=(names[0].pop(), visitors.pop()),
                agent=(names[1].pop(), agents.pop()),
                pace=self.plan.pace,
            )
        for number, (name, count) in enumerate(zip(names[0], visitors, strict=True)):
            visitor = self._person(Visitor, name, number, count)
            visitor.begin(self.company["widgetKey"])
            self.people.append(visitor)
        for number, (name, count) in enumerate(zip(names[1], agents, strict=True)):
            agent = self._person(Agent, name, number, count)
            agent.api_token = self.company["agents"][number]["apiToken"]
            self.people.append(agent)

    def _person(self, kind: type[P], name: str, number: int, count: int) -> P:
        return kind(
            name,
            self.network.url,
            self.plan.random(name),
            self.ledger,
            count=count,
            pace=self.plan.pace,
            catches_up=self.catches_up,
            transports=TRANSPORTS[number % len(TRANSPORTS)],
        )

    def _state(self) -> str:
        """What helps to find out why it did not settle."""
        said = [f"  {one.name}: {one.connection}, catching up: {one.missing.is_set()}" for one in self.people]
        said.append(f"  the network: {len(self.network.links)} connections, {self.network.deaf or 'nobody'} deaf")
        try:
            said.append(f"  the server: {requests.get(f'http://127.0.0.1:{self.host.port}/readyz', timeout=5).text}")
        except requests.RequestException as error:
            said.append(f"  the server: {error!r}")
        log = (self.host.folder / "log").read_text().splitlines()
        return "\n".join([*said, *[line[:300] for line in log if '"info"' not in line][-15:]])

    def _who_waits(self) -> str:
        waits = [f"{one.name} has {len(one.unsent)} unsent" for one in self.people if one.unsent or not one.wrote_all]
        return ", ".join(waits)

    @property
    def _everybody(self) -> list[Person | Browsers]:
        return [*self.people, *([self.browsers] if self.browsers else [])]

    def _all_sent(self) -> bool:
        return all(one.wrote_all for one in self._everybody) and self.ledger.is_complete

    def _settle(self) -> str:
        """Until every screen is right, or for as long as the plan allows."""
        begun = time.monotonic()
        deadline = begun + self.plan.settle
        sent_after: float | None = None
        while time.monotonic() < deadline:
            if sent_after is None and self._all_sent():
                self.network.wait_for_late_requests()
                sent_after = time.monotonic() - begun
                deadline = time.monotonic() + self.plan.settle
            if sent_after is not None and all(line.is_right for line in self._judge()):
                right = time.monotonic() - begun
                return (
                    f"after the last fault, all was sent in {sent_after:.1f} s and every screen right in {right:.1f} s"
                )
            time.sleep(0.3)
        return f"not settled after {time.monotonic() - begun:.0f} s"

    def _judge(self) -> list[Line]:
        rows = read_database(self.host.database)
        lines = judge(self.ledger, rows, self._screens(rows))
        if self.browsers:
            lines.append(judge_list(self.host.database, self.browsers.screens()[2]))
        return lines

    def _screens(self, rows: list[Row]) -> list[Screen]:
        own: dict[str, set[str]] = {}
        for row in rows:
            if row.side == "visitor":
                own.setdefault(row.token.split(".")[0], set()).add(row.conversation)
        screens = []
        for person in self.people:
            if isinstance(person, Visitor):
                screens.append(
                    Screen(person.name, "visitors' clients", False, person.shown, own.get(person.name, set()))
                )
            else:
                screens.append(Screen(person.name, "agents' clients", True, person.shown))
        if self.browsers:
            here, (widget, thread, _) = self.browsers.conversation, self.browsers.screens()
            screens.append(Screen(self.browsers.visitor_name, "widget", False, {here: widget}, {here}))
            screens.append(Screen(self.browsers.agent_name, "dashboard", True, {here: thread}, {here}, whole=False))
        return screens

    def _end(self) -> None:
        for person in self._everybody:
            person.end()
