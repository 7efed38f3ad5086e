"""The agent's door: /api/*. Every route finds its rows through the signed-in agent."""

from typing import Any

from flask import Blueprint, Response, g, jsonify
from flask_wtf.csrf import generate_csrf

from actions.access import access_conversation
from actions.agents import describe_me
from actions.conversations import describe, list_changes, list_conversations, patch_conversation
from actions.history import agent_page
from actions.messages import delete_message, retry_message, send_agent_message
from actions.reading import read_by_team
from blueprints.endpoint import endpoint
from blueprints.openapi import description
from schemas.agent import (
    ConversationAnswer,
    ConversationPage,
    ListConversations,
    ListMessages,
    MeShape,
    MessageAnswer,
    MessagePage,
    PatchConversation,
    ReadUpTo,
    SendMessage,
)

messaging = Blueprint("messaging", __name__)

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@messaging.post("/api/messages/send")
@endpoint(
    "Send a reply, or keep a private note",
    body=SendMessage,
    answers={201: MessageAnswer, 200: MessageAnswer},
    problems=(404, 409),
)
def send_message(data: dict[str, Any]) -> Answer:
    sent = send_agent_message(g.agent, data)
    return sent.payload, 201 if sent.created else 200


@messaging.post("/api/messages/<message_id>/retry")
@endpoint("Send a failed message again", answers={202: MessageAnswer}, problems=(404, 409))
def retry(message_id: str) -> Answer:
    return retry_message(g.agent, message_id), 202


@messaging.delete("/api/messages/<message_id>")
@endpoint("Take back what the team wrote", answers={200: MessageAnswer}, problems=(403, 404, 409))
def delete(message_id: str) -> Answer:
    return delete_message(g.agent, message_id)


@messaging.get("/api/conversations")
@endpoint("List conversations, search them, or catch up", query=ListConversations, answers={200: ConversationPage})
def conversations(data: dict[str, Any]) -> Answer:
    if data["changed_after"] is not None:
        return list_changes(g.agent, data["changed_after"], data["limit"])
    return list_conversations(g.agent, data)


@messaging.get("/api/conversations/<conversation_id>")
@endpoint("One conversation", answers={200: ConversationAnswer}, problems=(404,))
def conversation(conversation_id: str) -> Answer:
    return describe(access_conversation(g.agent, conversation_id))


@messaging.patch("/api/conversations/<conversation_id>")
@endpoint(
    "Change status, snooze, assignee, bot or labels",
    body=PatchConversation,
    answers={200: ConversationAnswer},
    problems=(404,),
)
def change_conversation(conversation_id: str, data: dict[str, Any]) -> Answer:
    return patch_conversation(g.agent, conversation_id, data)


@messaging.get("/api/conversations/<conversation_id>/messages")
@endpoint("A page of a conversation's messages", query=ListMessages, answers={200: MessagePage}, problems=(404,))
def messages(conversation_id: str, data: dict[str, Any]) -> Answer:
    return agent_page(access_conversation(g.agent, conversation_id), data)


@messaging.post("/api/conversations/<conversation_id>/read")
@endpoint("Mark as read by the team", body=ReadUpTo, answers={200: ConversationAnswer}, problems=(404,))
def read(conversation_id: str, data: dict[str, Any]) -> Answer:
    return read_by_team(g.agent, conversation_id, data["seq"])


@messaging.get("/api/me")
@endpoint("Who is signed in", answers={200: MeShape})
def me() -> Answer:
    return describe_me(g.agent, generate_csrf())


@messaging.get("/api/openapi.json")
def openapi() -> Response:
    return jsonify(description())
