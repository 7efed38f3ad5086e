"""Invites: a link by which one person joins the company, once, within a week."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from actions.agents import add_agent, hash_password
from actions.links import digest, link, new_token
from actions.mails import mail_configured, queue_mail
from errors import Conflict, Forbidden, Gone, NotFound
from extensions import db
from models import Agent, Invite
from models.enums import AgentRole
from models.types import now
from schemas.base import plain_id
from schemas.team import InviteList, NewInviteAnswer
from store import write

LIFETIME = timedelta(days=7)
OVER = "This invitation is no longer valid. Ask for a new one."

MAIL = """{inviter} invites you to answer the customers of {company} in Deskbell.

Choose your password here, within a week:
{url}

If you did not expect this, do nothing.
"""


def list_invites(agent: Agent) -> dict[str, Any]:
    query = select(Invite).where(Invite.company_id == agent.company_id).order_by(Invite.id.desc())
    rows = db.session.scalars(query).all()
    return InviteList().dump({"invites": rows})


def create_invite(agent: Agent, email: str, role: AgentRole) -> dict[str, Any]:
    """The link is shown this once, and mailed if there is a mail server. An earlier invite of the address is over."""
    if role == AgentRole.OWNER and agent.role != AgentRole.OWNER:
        raise Forbidden("Only an owner may invite an owner.")
    email, token = email.lower(), new_token()
    with write() as tx:
        if tx.session.scalar(select(Agent.id).where(Agent.email == email)):
            raise Conflict(f"{email} belongs to an agent already.")
        tx.session.execute(delete(Invite).where(Invite.company_id == agent.company_id, Invite.email == email))
        inviter = tx.session.get_one(Agent, agent.id)
        invite = Invite(
            company=inviter.company,
            invited_by=inviter,
            email=email,
            role=role,
            token_hash=digest(token),
            expires_at=now() + LIFETIME,
        )
        tx.session.add(invite)
        tx.session.flush()
        url = link("/invite", token)
        if mail_configured():
            words = MAIL.format(inviter=inviter.name, company=inviter.company.name, url=url)
            queue_mail(tx, inviter.company_id, email, f"Join {inviter.company.name} on Deskbell", words)
        return NewInviteAnswer().dump({"invite": invite, "url": url, "mailed": mail_configured()})


def revoke_invite(agent: Agent, invite_id: str) -> dict[str, Any]:
    with write() as tx:
        mine = (Invite.id == plain_id(invite_id), Invite.company_id == agent.company_id)
        invite = tx.session.scalar(select(Invite).where(*mine))
        if invite is None:
            raise NotFound()
        tx.session.delete(invite)
    return {}


def invite_of(token: str) -> Invite:
    """The invite of a link. Gone if it was used, revoked or is too old."""
    invite = db.session.scalar(select(Invite).where(Invite.token_hash == digest(token)))
    if invite is None or invite.expired:
        raise Gone(OVER)
    return invite


def accept_invite(data: dict[str, Any]) -> Agent:
    """Join. `data`: token, name, password. Whoever is second with a link finds it gone."""
    password_hash = hash_password(data["password"])
    with write() as tx:
        query = select(Invite).where(Invite.token_hash == digest(data["token"])).with_for_update(of=Invite)
        invite = tx.session.scalar(query)
        if invite is None or invite.expired:
            raise Gone(OVER)
        tx.session.delete(invite)
        return add_agent(
            tx,
            invite.company,
            name=data["name"],
            email=invite.email,
            password_hash=password_hash,
            role=AgentRole(invite.role),
        )
