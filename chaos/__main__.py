"""`python -m chaos`: exit code 0 if the promise of docs/reliability.md held."""

import argparse
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from chaos.mails import MailRun
from chaos.mutations import CLIENTS, NAMES, mutated
from chaos.plan import make_plan
from chaos.process import ROOT
from chaos.run import Run


def main() -> int:
    given = _options().parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="deskbell-mutated-") as folder:
        is_source = given.mutate not in (None, CLIENTS)
        tree = mutated(given.mutate, Path(folder)) if is_source else ROOT
        held = [part(given, tree) for part in (_messages, _mails) if given.only in (None, part.__name__.strip("_"))]
    _say(f"{'held' if all(held) else 'BROKEN'} after {time.monotonic() - begun:.0f} s")
    return 0 if all(held) else 1


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    options.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--mail-rounds", type=int, default=6, help="kills of a worker of the outbox")
    options.add_argument("--only", choices=["messages", "mails"])
    options.add_argument("--mutate", choices=NAMES, help="take a guard away: the run has to fail")
    options.add_argument("--real-claims", action="store_true", help="wait until an outbox claim is over by itself")
    options.add_argument("--no-browsers", action="store_true", help="scripted clients only")
    options.add_argument("--show-plan", action="store_true", help="print every fault first")
    return options


def _messages(given: argparse.Namespace, tree: Path) -> bool:
    plan = make_plan(given.seed, given.messages)
    chromium = None if given.no_browsers else shutil.which("chromium")
    people = f"{plan.visitors} visitors, {plan.agents} agents, of each one in {chromium or 'no browser'}"
    _say(f"seed {plan.seed}: {plan.messages} messages, {people}, {len(plan.faults)} faults")
    if given.show_plan:
        for fault in plan.faults:
            _say(f"  {fault}")
    result = Run(
        plan,
        tree=tree,
        catches_up=given.mutate != CLIENTS,
        chromium=chromium,
        say=_say,
    ).result()
    _say(str(result))
    return result.is_right


def _mails(given: argparse.Namespace, tree: Path) -> bool:
    run = MailRun(given.seed, given.mail_rounds, tree=tree, real_claims=given.real_claims, say=_say)
    result = run.result()
    _say(str(result))
    return result.is_right


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
