"""The made-up inbox: its conversations are right in every way that real ones are."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import delete, select

from actions.demo_inbox import scripts
from extensions import db
from models import Agent, Attachment, Conversation, Message
from models.types import now
from store import write
from tests.cast import Cast


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def seed(runner: FlaskCliRunner, *words: str) -> tuple[int, str]:
    result = runner.invoke(args=["seed-demo", *words])
    return result.exit_code, result.output


def test_every_conversation_is_right(cast: Cast, runner: FlaskCliRunner) -> None:
    code, output = seed(runner, "--conversations", "30")
    assert (code, "30 conversations are in the inbox." in output) == (0, True)
    conversations = db.session.scalars(select(Conversation)).all()
    assert len(conversations) == 30
    assert {one.status for one in conversations} == {"OPEN", "PENDING", "SNOOZED", "RESOLVED"}
    for one in conversations:
        query = select(Message).where(Message.conversation_id == one.id).order_by(Message.seq)
        messages = db.session.scalars(query).all()
        assert [message.seq for message in messages] == list(range(1, one.last_seq + 1))
        times = [message.created_at for message in messages]
        assert times == sorted(times)
        public = [message for message in messages if not message.internal]
        assert (one.message_count, one.last_message_at) == (len(public), public[-1].created_at)
        assert one.created_at <= times[0]
        unread = [message for message in messages if message.role == "USER" and message.seq > one.team_read_seq]
        assert one.unread_count == len(unread)
        assert timedelta() <= now() - one.last_message_at < timedelta(days=15)
    assert db.session.scalars(select(Attachment)).first()
    page = cast.owner.get("/api/conversations").json["conversations"]
    assert [row["lastMessageAt"] for row in page] == sorted((row["lastMessageAt"] for row in page), reverse=True)


def test_it_is_the_same_for_the_same_seed() -> None:
    assert scripts(60, 1) == scripts(60, 1)
    assert scripts(60, 1) != scripts(60, 2)
    assert len(scripts(5, 1)) == 5


def test_real_conversations_are_left_alone(cast: Cast, runner: FlaskCliRunner) -> None:
    conversation_id = cast.visitor().write("Real")
    code, output = seed(runner, "--conversations", "2")
    assert (code, "has conversations already" in output) == (1, True)
    assert [row["id"] for row in cast.owner.conversations()] == [conversation_id]
    assert seed(runner, "--conversations", "2", "--force")[0] == 0
    assert len(cast.owner.conversations()) == 3


def test_production_is_left_alone(cast: Cast, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast.app.config, "DESKBELL_ENV", "production")
    code, output = seed(runner)
    assert (code, "This is production" in output) == (1, True)
    assert cast.owner.conversations() == []


def test_without_agents_it_makes_a_team_that_can_sign_in(cast: Cast, runner: FlaskCliRunner) -> None:
    with write() as tx:
        tx.session.execute(delete(Agent).where(Agent.company_id == cast.company["companyId"]))
    code, output = seed(runner, "--conversations", "3", "--password", "a long password")
    assert (code, "Sign in as mira@aldine-moss.example" in output) == (0, True)
    client = cast.anyone()
    page = client.get("/login").text
    csrf = page.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"email": "mira@aldine-moss.example", "password": "a long password", "csrf_token": csrf}
    assert client.post("/login", data=form).status_code == 302


@pytest.mark.parametrize("count", ["0", "-1", "x", "10001"])
def test_a_wrong_number_is_refused(cast: Cast, runner: FlaskCliRunner, count: str) -> None:
    code, output = seed(runner, "--conversations", count)
    assert (code, "conversations" in output) == (2, True)
