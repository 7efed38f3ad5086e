"""Every environment variable, read and checked at start. docs/configuration.md describes them.

A wrong value is a `ConfigError` whose text is one sentence that names the variable and never shows a secret.
"""

import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

T = TypeVar("T")

SHORTEST_SECRET = 32  # characters, in production
KNOWN_SECRETS = re.compile(r"change.?me|secret.?key|example|default|password|(.)\1{15}", re.IGNORECASE)


class ConfigError(Exception):
    """Why the environment cannot be used, in one sentence."""


class Config:
    """What `app.config` is filled from. Upper-case attributes only."""

    MAX_CONTENT_LENGTH = 256 * 1024  # bytes of a request's body
    SESSION_COOKIE_NAME = "deskbell_session"
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    PERMANENT_SESSION_LIFETIME = timedelta(days=30)
    WTF_CSRF_CHECK_DEFAULT = False  # blueprints/guard.py decides who needs a token
    WTF_CSRF_TIME_LIMIT = None  # a dashboard stays open for days
    WTF_CSRF_SSL_STRICT = False  # the token is enough; some browsers send no Referer
    ARGON2 = {"time_cost": 3, "memory_cost": 65536, "parallelism": 1}

    HOST: str
    PORT: int
    PUBLIC_URL: str
    DESKBELL_ENV: str
    SECRET_KEY: str
    ENCRYPTION_KEYS: list[str]
    SQLALCHEMY_DATABASE_URI: str
    SQLITE_SYNCHRONOUS: str
    REDIS_URL: str | None
    UPLOAD_DIR: str
    MAX_UPLOAD: int  # bytes
    SMTP_URL: str | None
    MAIL_FROM: str
    TRUSTED_PROXIES: int
    RATELIMIT_ENABLED: bool
    METRICS_TOKEN: str | None
    SESSION_COOKIE_SECURE: bool
    META_APP_ID: str | None
    META_APP_SECRETS: list[str]
    META_VERIFY_TOKENS: list[str]
    INSTAGRAM_APP_ID: str | None
    INSTAGRAM_APP_SECRETS: list[str]
    INSTAGRAM_VERIFY_TOKENS: list[str]
    GRAPH_API_URL: str
    INSTAGRAM_GRAPH_API_URL: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], instance: Path) -> "Config":
        """Read everything. `instance` is where a default run keeps its database and secrets."""
        env = Environment(environ)
        config = cls()
        config.DESKBELL_ENV = env.choice("DESKBELL_ENV", ("development", "production"))
        config.HOST = env.text("HOST") or "127.0.0.1"
        config.PORT = env.number("PORT", 5000, 0, 65535)
        config.PUBLIC_URL = _public_url(env, config)
        config.SESSION_COOKIE_SECURE = config.PUBLIC_URL.startswith("https:")
        config.SQLALCHEMY_DATABASE_URI = _database_url(env, instance)
        config.SQLITE_SYNCHRONOUS = env.choice("SQLITE_SYNCHRONOUS", ("FULL", "NORMAL"))
        config.REDIS_URL = env.url("REDIS_URL", ("redis", "rediss", "unix"))
        config.UPLOAD_DIR = str((instance / (env.text("UPLOAD_DIR") or "uploads")).absolute())
        config.MAX_UPLOAD = env.number("MAX_UPLOAD_MB", 20, 1, 2000) * 1024 * 1024
        config.SMTP_URL = env.url("SMTP_URL", ("smtp", "smtps"))
        config.MAIL_FROM = _mail_from(env, config)
        config.TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, 0, 10)
        config.METRICS_TOKEN = env.text("METRICS_TOKEN")
        config.RATELIMIT_ENABLED = env.choice("RATELIMIT_ENABLED", ("true", "false")) == "true"
        config.SECRET_KEY = _secret(env, "SECRET_KEY", instance, lambda: secrets.token_hex(32))
        keys = _secret(env, "ENCRYPTION_KEY", instance, lambda: Fernet.generate_key().decode())
        config.ENCRYPTION_KEYS = [key.strip() for key in keys.split(",")]
        for key in config.ENCRYPTION_KEYS:
            _check_fernet_key(key)
        _read_platforms(env, config)
        return config


class TestConfig(Config):
    """For the in-process tests: fixed secrets, cheap password hashes, no limits."""

    __test__ = False
    TESTING = True
    ARGON2 = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}

    def __init__(self, database_uri: str):
        self.HOST, self.PORT, self.PUBLIC_URL = "127.0.0.1", 5000, "http://localhost"
        self.DESKBELL_ENV = "development"
        self.SECRET_KEY = "the tests' own secret key, never served"  # noqa: S105
        self.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        self.SQLALCHEMY_DATABASE_URI = database_uri
        self.SQLITE_SYNCHRONOUS = "NORMAL"
        self.REDIS_URL = None
        self.UPLOAD_DIR = str(Path(tempfile.gettempdir()) / f"deskbell-tests-{os.getpid()}")
        self.MAX_UPLOAD = 1024 * 1024
        self.SMTP_URL, self.MAIL_FROM = None, "Deskbell <deskbell@localhost>"
        self.TRUSTED_PROXIES = 0
        self.RATELIMIT_ENABLED = False
        self.METRICS_TOKEN = None
        self.SESSION_COOKIE_SECURE = False
        self.META_APP_ID, self.META_APP_SECRETS = "1517776481860111", ["test-app-secret"]
        self.INSTAGRAM_APP_ID, self.INSTAGRAM_APP_SECRETS = None, []
        self.META_VERIFY_TOKENS, self.INSTAGRAM_VERIFY_TOKENS = ["vt-123"], ["vt-instagram"]
        self.GRAPH_API_URL = self.INSTAGRAM_GRAPH_API_URL = "http://127.0.0.1:9/v26.0"  # nobody is there


class Environment:
    """Typed reading of variables; an empty one counts as not given. NAME_FILE names a file with the value."""

    def __init__(self, environ: Mapping[str, str]):
        self.environ = environ

    def text(self, name: str) -> str | None:
        file = self.environ.get(f"{name}_FILE")
        if not file:
            return self.environ.get(name) or None
        if self.environ.get(name):
            raise ConfigError(f"{name} and {name}_FILE are both set: keep one of them.")
        try:
            return Path(file).read_text().strip() or None
        except (OSError, UnicodeDecodeError):
            raise ConfigError(f"{name}_FILE names {file}, which cannot be read.") from None

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of a list, whose first is the default."""
        value = self.text(name) or allowed[0]
        for known in allowed:
            if value.lower() == known.lower():
                return known
        raise ConfigError(f"{name} is {value!r}: it must be {' or '.join(allowed)}.")

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) or not least <= int(value) <= most:
            raise ConfigError(f"{name} is {value!r}: it must be a whole number from {least} to {most}.")
        return int(value)

    def words(self, name: str) -> list[str]:
        """A comma list; what is empty in it counts as not there."""
        return [word for word in (part.strip() for part in (self.text(name) or "").split(",")) if word]

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        value = self.text(name)
        if value is not None and value.partition("://")[0] not in schemes:
            raise ConfigError(f"{name} must be an address that begins with {schemes[0]}://.")
        return value


def _read_platforms(env: Environment, config: Config) -> None:
    config.META_APP_ID, config.INSTAGRAM_APP_ID = env.text("META_APP_ID"), env.text("INSTAGRAM_APP_ID")
    config.META_APP_SECRETS, config.META_VERIFY_TOKENS = env.words("META_APP_SECRET"), env.words("META_VERIFY_TOKEN")
    config.INSTAGRAM_APP_SECRETS = env.words("INSTAGRAM_APP_SECRET")
    config.INSTAGRAM_VERIFY_TOKENS = env.words("INSTAGRAM_VERIFY_TOKEN")
    config.GRAPH_API_URL = _api_url(env, config, "GRAPH_API_URL", "https://graph.facebook.com/v26.0")
    config.INSTAGRAM_GRAPH_API_URL = _api_url(
        env, config, "INSTAGRAM_GRAPH_API_URL", "https://graph.instagram.com/v26.0"
    )


def _api_url(env: Environment, config: Config, name: str, default: str) -> str:
    value = (env.url(name, ("https", "http")) or default).rstrip("/")
    host = urlsplit(value).hostname or ""
    if config.DESKBELL_ENV == "production" and value.startswith("http:") and not _is_loopback(host):
        raise ConfigError(f"{name} must begin with https:// in production: tokens would travel in the clear.")
    return value


def _public_url(env: Environment, config: Config) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.HOST, config.HOST)  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    value = (env.url("PUBLIC_URL", ("http", "https")) or f"http://{host}:{config.PORT}").rstrip("/")
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ConfigError("PUBLIC_URL is not an address such as https://chat.example.com.") from None
    if not parts.hostname or parts.path or parts.query or parts.fragment or parts.username:
        raise ConfigError("PUBLIC_URL must be a scheme and a host only, such as https://chat.example.com.")
    if config.DESKBELL_ENV == "production" and parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ConfigError("PUBLIC_URL must begin with https:// in production: passwords would travel in the clear.")
    return value


def _mail_from(env: Environment, config: Config) -> str:
    host = urlsplit(config.PUBLIC_URL).hostname or ""
    value = env.text("MAIL_FROM") or f"Deskbell <deskbell@{'localhost' if _is_loopback(host) else host}>"
    _, address = parseaddr(value)
    if "@" not in address or not value.isprintable():
        raise ConfigError("MAIL_FROM is not an address such as Deskbell <chat@example.com>.")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _database_url(env: Environment, instance: Path) -> str:
    """An absolute SQLAlchemy URL: SQLite in a file, or PostgreSQL through psycopg2."""
    value = env.text("DATABASE_URL") or "sqlite:///deskbell.db"
    try:
        url = make_url(value.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):
        raise ConfigError("DATABASE_URL is not a database address such as sqlite:///deskbell.db.") from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    if url.get_backend_name() != "sqlite":
        raise ConfigError("DATABASE_URL must begin with sqlite:// or postgresql://.")
    if not url.database or url.database == ":memory:":
        raise ConfigError("DATABASE_URL must name a file: a database in memory would lose every message.")
    return f"sqlite:///{(instance / url.database).absolute()}"


def _secret(env: Environment, name: str, instance: Path, make: Callable[[], str]) -> str:
    """A secret as given; outside of production made once and kept under instance/."""
    value = env.text(name)
    production = env.choice("DESKBELL_ENV", ("development", "production")) == "production"
    if value is None:
        if production:
            raise ConfigError(f"{name} is not set: production needs one of its own.")
        return _kept_secret(instance / name.lower(), make)
    if production and (len(value) < SHORTEST_SECRET or KNOWN_SECRETS.search(value)):
        raise ConfigError(f"{name} is too short or well known: use {SHORTEST_SECRET} random characters or more.")
    return value


def _kept_secret(file: Path, make: Callable[[], str]) -> str:
    """The secret of a file that only its owner may read; made whole or not at all, also by two at once."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _create(file, make())
        value = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise ConfigError(f"{file} cannot be read or written ({reason}): secrets are kept there.") from None
    if not value:
        raise ConfigError(f"{file} is empty: delete it to get a new secret.")
    return value


def _create(file: Path, value: str) -> None:
    partial = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(value + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    with suppress(FileExistsError):
        os.link(partial, file)  # fails if another process was first, whose secret then counts
    partial.unlink()


def _check_fernet_key(key: str) -> None:
    try:
        Fernet(key)
    except ValueError:
        raise ConfigError("ENCRYPTION_KEY must hold Fernet keys: 32 bytes in URL-safe base64, comma between.") from None
