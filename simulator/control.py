"""What tests and the demo ask of the simulator: POST /__control/<what> with JSON."""

from typing import TYPE_CHECKING, Any

from simulator.state import Account, Person, Script

if TYPE_CHECKING:
    from simulator.server import Server


def control(server: "Server", what: str, given: dict[str, Any]) -> dict[str, Any]:
    """script {path, times, status?, body?, headers?, behaviour?, seconds?} · options {echo, receipts, require_proof,
    dialog_error} · requests · sent · clear · account {id, kind, name, token} · person {id, name?, profile_error?} ·
    kill_token {id, subcode?} · revive {id, token} · shift {seconds} · say {account, person, items} · post {kind,
    payload, secret?} · answers · webhook {url}: where Deskbell is"""
    state = server.state
    with state.lock:
        match what:
            case "script":
                state.scripts.append(Script(**given))
            case "options":
                state.options.update(given)
            case "requests":
                return {"requests": state.requests}
            case "sent":
                return {"sent": state.sent}
            case "answers":
                return {"answers": server.webhook.answers}
            case "clear":
                state.requests.clear()
                state.scripts.clear()
                state.sent.clear()
            case "account":
                state.accounts[given["id"]] = Account(**given)
            case "person":
                state.people[given["id"]] = Person(**{"name": f"Customer {given['id'][-4:]}", **given})
            case "kill_token":
                state.accounts[given["id"]].token_error = {"subcode": given.get("subcode", 460)}
            case "revive":
                state.accounts[given["id"]].token_error = None
                state.accounts[given["id"]].token = given["token"]
            case "shift":
                state.shift += given["seconds"]
            case "say":
                say(server, given["account"], given["person"], given["items"])
            case "webhook":
                server.webhook.base = given["url"]
            case "post":
                return {"status": server.webhook.post(given["kind"], given["payload"], given.get("secret"))}
            case _:
                return {"error": "unknown"}
    return {"ok": True}


def say(server: "Server", account_id: str, person_id: str, items: list[dict[str, Any]]) -> None:
    """A customer does something: each item is an event without sender, recipient and timestamp."""
    state, account = server.state, server.state.accounts[account_id]
    person = state.person(person_id)
    moment = state.now()
    person.wrote_at = moment
    sides = {"sender": {"id": person_id}, "recipient": {"id": account_id}}
    events = [{**sides, "timestamp": int(moment * 1000) + place, **item} for place, item in enumerate(items)]
    server.webhook.emit(account.kind, account_id, events)
