"""What the plan asks for, done to the network, the server, the database and the browsers."""

import time
from collections import Counter
from collections.abc import Callable
from random import Random

from chaos.network import Network
from chaos.plan import Fault, Plan
from chaos.process import Host

STUCK = 60  # seconds without one acknowledgement: then the promise is broken already


class Storm:
    """`run()` lets every fault of the plan come to pass, each when so many messages are acknowledged."""

    def __init__(self, plan: Plan, host: Host, network: Network, browsers: Callable[[Fault], None] | None):
        self.plan, self.host, self.network, self.browsers = plan, host, network, browsers
        self.done: Counter[str] = Counter()
        self.random: Random = plan.random("storm")

    def run(self, acknowledged: Callable[[], int], all_sent: Callable[[], bool]) -> None:
        """Returns when the plan is through. Raises TimeoutError if nothing is acknowledged any more."""
        for fault in self.plan.faults:
            last, since = acknowledged(), time.monotonic()
            while acknowledged() < fault.at and not all_sent():
                if acknowledged() > last:
                    last, since = acknowledged(), time.monotonic()
                if time.monotonic() - since > STUCK:
                    raise TimeoutError(f"nothing was acknowledged for {STUCK} s")
                time.sleep(0.02)
            self._cause(fault)
            self.done[fault.kind] += 1

    def heal(self) -> None:
        self.network.heal()
        self.network.lose_answers = self.network.repeat = self.network.delay = 0
        if self.host.process is None or self.host.process.poll() is not None:
            self.host.start()

    def _cause(self, fault: Fault) -> None:
        match fault.kind:
            case "kill" | "terminate":
                self._restart(fault)
            case "kill while locked":
                with self.host.locked(fault.seconds):
                    time.sleep(fault.seconds / 3)
                    self.host.kill()
                    self.host.start()
            case "lock":
                with self.host.locked(fault.seconds):
                    pass
            case "reset" | "close":
                self.network.cut(fault.share, fault.kind)
            case "deaf up" | "deaf down":
                self.network.go_deaf(fault.kind.removeprefix("deaf "))
                time.sleep(fault.seconds)
                self.network.heal()
            case "lose answers":
                self.network.lose_answers += fault.count
            case "repeat":
                self.network.repeat += fault.count
            case "delay":
                self.network.delay += fault.count
            case _:
                if self.browsers:
                    self.browsers(fault)

    def _restart(self, fault: Fault) -> None:
        if fault.kind == "kill":
            self.host.kill()
        else:
            self.host.terminate()
        time.sleep(fault.seconds / 2)
        self.host.start()
