"""Beginning a browser's session."""

from flask import request, session
from flask_login import login_user

from actions.sessions import begin_session
from models import Agent


def sign_in_as(agent: Agent) -> None:
    """Sign in with a session that shares nothing with the one before."""
    session.clear()
    session.permanent = True
    login_user(begin_session(agent, request.user_agent.string, request.remote_addr))
