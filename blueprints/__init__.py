"""The doors. Deny by default: what `PUBLIC` does not name asks for an agent, or in the widget for a visitor."""

from flask import Flask

from blueprints.dashboard.account import account
from blueprints.dashboard.routes import dashboard
from blueprints.dashboard.settings import setting_pages
from blueprints.events import refuse_other_namespaces
from blueprints.guard import guard
from blueprints.headers import add_headers
from blueprints.messaging.outbox import outbox
from blueprints.messaging.platforms import connected
from blueprints.messaging.routes import messaging
from blueprints.messaging.settings import settings
from blueprints.messaging.sockets import init_agent_sockets
from blueprints.messaging.team import people
from blueprints.ops.routes import ops
from blueprints.uploads import uploads
from blueprints.webhooks.routes import webhooks
from blueprints.widget.routes import widget
from blueprints.widget.sockets import init_visitor_sockets


def init_blueprints(app: Flask) -> None:
    app.before_request(guard)
    app.after_request(add_headers)
    doors = (
        widget,
        webhooks,
        messaging,
        connected,
        people,
        settings,
        uploads,
        outbox,
        dashboard,
        setting_pages,
        account,
        ops,
    )
    for blueprint in doors:
        app.register_blueprint(blueprint)
    init_agent_sockets()
    init_visitor_sockets()
    refuse_other_namespaces()
