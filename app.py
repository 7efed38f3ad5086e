"""The application factory."""

import os
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from blueprints import init_blueprints
from blueprints.events import EventPacket
from blueprints.logs import init_logs
from cli import init_cli
from config import Config
from errors import init_errors
from extensions import csrf, db, limiter, login, migrate, socketio
from store import init_store

# Seconds. Both sides notice a dead connection within their sum.
PING_INTERVAL = 20
PING_TIMEOUT = 15


def create_app(config: Config | None = None) -> Flask:
    """Make the application. `config` defaults to what the environment says; raises `ConfigError`."""
    app = Flask(__name__, static_folder=None)
    app.config.from_object(config or Config.from_environ(os.environ, Path(app.instance_path)))
    app.json.sort_keys = False  # type: ignore[attr-defined]
    init_logs(app)
    init_errors(app)
    init_store(app)
    init_blueprints(app)
    init_extensions(app)
    init_proxies(app)
    init_cli(app)
    return app


def init_proxies(app: Flask) -> None:
    """Believe X-Forwarded-* from as many proxies as stand in front, and from nobody else. Outermost: sockets too."""
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def init_extensions(app: Flask) -> None:
    csrf.init_app(app)
    login.init_app(app)
    init_limiter(app)
    migrate.init_app(app, db)
    init_socketio(app)


def init_limiter(app: Flask) -> None:
    """Counted in Redis together, or in memory alone; also alone while Redis is away."""
    app.config["RATELIMIT_STORAGE_URI"] = app.config["REDIS_URL"] or "memory://"
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = bool(app.config["REDIS_URL"])
    limiter.init_app(app)


def init_socketio(app: Flask) -> None:
    """One server for both namespaces, so its CORS is open: /agent checks Origin itself."""
    socketio.init_app(
        app,
        async_mode="eventlet",
        cors_allowed_origins="*",
        cors_credentials=False,
        manage_session=False,
        ping_interval=PING_INTERVAL,
        ping_timeout=PING_TIMEOUT,
        max_http_buffer_size=64 * 1024,
        message_queue=app.config["REDIS_URL"],
        channel="deskbell",
        serializer=EventPacket,
        namespaces="*",  # so that a handler, and not the library, refuses what is none
    )
