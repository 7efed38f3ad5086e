"""The company's settings, its channels, its contacts, and the numbers of the inbox."""

from typing import Any

from flask import Blueprint, g, request

from actions import channels, contacts
from actions.counts import count_conversations
from blueprints.endpoint import endpoint
from schemas.settings import (
    ChangeChannel,
    ChangeCompany,
    ChangeContact,
    ChannelAnswer,
    ChannelList,
    ChannelSecretAnswer,
    CompanyAnswer,
    ContactAnswer,
    CountQuery,
    CountsAnswer,
    CreateChannel,
)

settings = Blueprint("settings", __name__)

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@settings.get("/api/company")
@endpoint("The company", answers={200: CompanyAnswer})
def company() -> Answer:
    return channels.describe_company(g.agent)


@settings.patch("/api/company")
@endpoint("Change the company", body=ChangeCompany, answers={200: CompanyAnswer}, problems=(409,), admin=True)
def change_company(data: dict[str, Any]) -> Answer:
    return channels.change_company(g.agent, data)


@settings.get("/api/channels")
@endpoint("The channels", answers={200: ChannelList})
def list_channels() -> Answer:
    return channels.list_channels(g.agent)


@settings.post("/api/channels")
@endpoint("Make a website channel", body=CreateChannel, answers={201: ChannelAnswer}, admin=True)
def create_channel(data: dict[str, Any]) -> Answer:
    return channels.create_channel(g.agent, data["name"]), 201


@settings.get("/api/channels/<channel_id>")
@endpoint("One channel with its identity secret", answers={200: ChannelSecretAnswer}, problems=(404,), admin=True)
def channel(channel_id: str) -> Answer:
    return channels.describe_channel(g.agent, channel_id)


@settings.patch("/api/channels/<channel_id>")
@endpoint("Change a channel", body=ChangeChannel, answers={200: ChannelAnswer}, problems=(404, 409), admin=True)
def change_channel(channel_id: str, data: dict[str, Any]) -> Answer:
    return channels.change_channel(g.agent, channel_id, data)


@settings.post("/api/channels/<channel_id>/identity-secret")
@endpoint("Renew the identity secret", answers={200: ChannelSecretAnswer}, problems=(404,), admin=True)
def renew_identity_secret(channel_id: str) -> Answer:
    return channels.renew_identity_secret(g.agent, channel_id)


@settings.get("/api/contacts/<contact_id>")
@endpoint("A customer", answers={200: ContactAnswer}, problems=(404,))
def contact(contact_id: str) -> Answer:
    return contacts.describe_contact(g.agent, contact_id)


@settings.patch("/api/contacts/<contact_id>")
@endpoint("Correct or block a customer", body=ChangeContact, answers={200: ContactAnswer}, problems=(404,))
def change_contact(contact_id: str, data: dict[str, Any]) -> Answer:
    return contacts.change_contact(g.agent, contact_id, data, set(request.get_json()))


@settings.get("/api/conversations/counts")
@endpoint("How many conversations each view has", query=CountQuery, answers={200: CountsAnswer})
def counts(data: dict[str, Any]) -> Answer:
    return count_conversations(g.agent, data["status"])
