"""What goes wrong, and when: drawn from a seed, so that a run can be repeated."""

from dataclasses import dataclass
from random import Random

# Each round holds every kind once, in another order.
KINDS = (
    "kill",  # kill -9, a while of nothing, start
    "terminate",  # the same with SIGTERM
    "kill while locked",  # the database is locked from outside, and the process dies meanwhile
    "lock",  # BEGIN EXCLUSIVE in another process
    "reset",  # some connections end by RST
    "close",  # some connections end by FIN
    "deaf up",  # what clients send is swallowed for a while; then those connections end
    "deaf down",  # the same with what the server sends
    "lose answers",  # requests arrive, their answers do not
    "repeat",  # requests arrive twice, the second time later
    "delay",  # a request arrives after its sender has given up
    "clock",  # the browsers' clocks jump
    "offline",  # the browsers lose their network
    "sleep",  # the browsers' pages are hidden for a while
)

LONG = 500  # messages


@dataclass(frozen=True)
class Fault:
    """`at`: once so many messages are acknowledged. `share`: of the connections. `count`: of the requests."""

    at: int
    kind: str
    seconds: float
    share: float
    count: int

    def __str__(self) -> str:
        return (
            f"at {self.at}: {self.kind} ({self.seconds:.1f} s, {self.share:.0%} of connections, {self.count} requests)"
        )


@dataclass(frozen=True)
class Plan:
    seed: int
    messages: int
    visitors: int
    agents: int
    pace: float  # seconds between two messages of one person, on average
    settle: float  # seconds in which everything has to be right again
    faults: tuple[Fault, ...]

    def messages_of_each(self, with_browsers: bool) -> tuple[list[int], list[int]]:
        """How many messages each visitor and each agent writes; with browsers, the last of each is one."""
        half = self.messages // 2
        return (
            _shares(half, self.visitors, small_last=with_browsers),
            _shares(self.messages - half, self.agents, small_last=with_browsers),
        )

    def random(self, name: str) -> Random:
        """One person's own chance: what he does depends on nobody else's luck."""
        return Random(f"{self.seed}:{name}")


def make_plan(seed: int, messages: int) -> Plan:
    long = messages >= LONG
    visitors, agents = (11, 4) if long else (4, 3)
    return Plan(
        seed=seed,
        messages=messages,
        visitors=visitors,
        agents=agents,
        pace=0.9 if long else 0.5,
        settle=90.0 if long else 60.0,
        faults=_draw_faults(Random(f"{seed}:faults"), messages),
    )


def _draw_faults(random: Random, messages: int) -> tuple[Fault, ...]:
    count = max(len(KINDS), messages // 16)
    faults: list[Fault] = []
    bag: list[str] = []
    for number in range(count):
        if not bag:
            bag = random.sample(KINDS, len(KINDS))
        at = 0.95 * messages * (number + random.random()) / count
        seconds = random.uniform(0.3, 3.0 if messages >= LONG else 1.5)
        faults.append(Fault(int(at), bag.pop(), seconds, random.uniform(0.3, 1.0), random.randint(1, 4)))
    return tuple(faults)


def _shares(total: int, people: int, *, small_last: bool) -> list[int]:
    """Equal shares; a browser types slowly and gets a smaller one."""
    last = min(total // people, max(5, total // (3 * people)) if total < 200 else 60) if small_last else total // people
    rest = total - last
    shares = [rest // (people - 1) + (number < rest % (people - 1)) for number in range(people - 1)]
    return [*shares, last]
