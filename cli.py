"""Commands for whoever runs Deskbell: `flask --app app …`. They may run while the server runs."""

import json
import logging
import secrets
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

import store
from actions import agents, companies, connections, demo_inbox
from blueprints import logs
from blueprints.endpoint import load
from errors import AppError, Invalid
from models.enums import AgentRole, Platform
from schemas.commands import Credentials, NewAgent, NewChannel, NewCompany

PLATFORMS = [one for one in Platform if one != Platform.WIDGET]

as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on the last line.")


def init_cli(app: Flask) -> None:
    for command in (create_company, create_agent, add_channel, reset_password, backup, seed_demo):
        app.cli.add_command(command)


def tells_errors(command: Callable[..., None]) -> Callable[..., None]:
    """An expected error is one sentence and exit code 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except Invalid as error:
            why = [f"{name}: {' '.join(map(str, reasons))}" for name, reasons in error.errors.items()]
            raise click.ClickException("; ".join(why)) from None
        except AppError as error:
            raise click.ClickException(error.detail) from None
        except DBAPIError as error:
            raise click.ClickException(f"The database refused: {error.orig}") from None

    return run


@click.command("create-company")
@click.argument("name")
@click.option("--email", required=True, help="The owner's e-mail.")
@click.option("--password", required=True)
@as_json
@tells_errors
def create_company(name: str, email: str, password: str, as_json: bool) -> None:
    """Make a company with its owner and a website widget."""
    data = load(NewCompany(), {"name": name, "email": email, "password": password})
    _show(companies.create_company(**data), as_json)


@click.command("create-agent")
@click.option("--company", required=True, help="The company's id.")
@click.option("--email", required=True)
@click.option("--password", required=True)
@click.option("--role", required=True, type=click.Choice(list(AgentRole), case_sensitive=False))
@as_json
@tells_errors
def create_agent(company: str, email: str, password: str, role: str, as_json: bool) -> None:
    """Make an agent of a company."""
    raw = {"companyId": company, "email": email, "password": password, "role": str(role)}
    _show(agents.create_agent(**load(NewAgent(), raw)), as_json)


@click.command("add-channel")
@click.argument("platform", type=click.Choice(PLATFORMS, case_sensitive=False))
@click.option("--company", required=True, help="The company's id.")
@click.option("--external-id", required=True, help="The page's number, or the Instagram account's (1784...).")
@click.option("--name", required=True, help="What the team calls it.")
@click.option("--access-token", required=True, help="The page's or the account's token.")
@as_json
@tells_errors
def add_channel(platform: str, company: str, external_id: str, name: str, access_token: str, as_json: bool) -> None:
    """Connect a Facebook page or an Instagram account, or give a connected one another token."""
    raw = {"platform": str(platform), "externalId": external_id, "name": name, "accessToken": access_token}
    answer, _ = connections.add_platform(company, load(NewChannel(), raw))
    _show({"channelId": answer["channel"]["id"]}, as_json)


@click.command("reset-password")
@click.option("--email", required=True)
@click.option("--password", help="The new password; without it one is made up and printed.")
@tells_errors
def reset_password(email: str, password: str | None) -> None:
    """Give an agent a new password and end his sessions."""
    data = load(Credentials(), {"email": email, "password": password or secrets.token_urlsafe(12)})
    agents.reset_password(data["email"], data["password"])
    click.echo(f"{data['email']} has a new password and was signed out everywhere.")
    if password is None:
        click.echo(f"The password is {data['password']}")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@tells_errors
def backup(file: Path) -> None:
    """Copy the SQLite database into FILE, complete and consistent, while the server runs."""
    try:
        store.backup(file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"The database is in {file}.")


@click.command("seed-demo")
@click.option("--conversations", "count", type=click.IntRange(1, 10_000), default=60, show_default=True)
@click.option("--seed", default=1, show_default=True, help="Another number makes up other conversations.")
@click.option("--password", help="Of the demo's agents; without it one is made up and printed.")
@click.option("--force", is_flag=True, help="Also in production, and beside real conversations.")
@tells_errors
def seed_demo(count: int, seed: int, password: str | None, force: bool) -> None:
    """Fill the inbox of the oldest company with a made-up shop's conversations."""
    logs.configure(logging.WARNING)
    password = password or secrets.token_urlsafe(9)
    team, is_new = demo_inbox.demo_company(password, force=force)
    with click.progressbar(demo_inbox.play_all(team, count, seed), length=count, label="Writing conversations") as bar:
        made = sum(1 for _ in bar)
    click.echo(f"{made} conversations are in the inbox.")
    if is_new:
        click.echo(f"Sign in as {team[0].email} with the password {password}")


def _show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result))
        return
    for name, value in result.items():
        click.echo(f"{name}: {value}")
