"""Every variable: what it means when it is right, and the one sentence when it is wrong."""

from pathlib import Path

import pytest

from config import Config, ConfigError

KEY = "bFV0dXJlLXByb29mLWtleS1mb3ItdGVzdHMtb25seSE="
SECRET = "f3b1c9d07a5e4862b19c3d5e7f90a1b2"
PRODUCTION = {
    "DESKBELL_ENV": "production",
    "SECRET_KEY": SECRET,
    "ENCRYPTION_KEY": KEY,
    "PUBLIC_URL": "https://chat.example.com",
}


def read(tmp_path: Path, **variables: str) -> Config:
    return Config.from_environ({"SECRET_KEY": SECRET, "ENCRYPTION_KEY": KEY, **variables}, tmp_path / "instance")


def test_nothing_is_needed(tmp_path: Path) -> None:
    config = Config.from_environ({}, tmp_path)
    assert (config.HOST, config.PORT, config.PUBLIC_URL) == ("127.0.0.1", 5000, "http://127.0.0.1:5000")
    assert f"sqlite:///{tmp_path}/deskbell.db" == config.SQLALCHEMY_DATABASE_URI
    assert (config.SQLITE_SYNCHRONOUS, config.RATELIMIT_ENABLED, config.TRUSTED_PROXIES) == ("FULL", True, 0)
    assert config.SESSION_COOKIE_SECURE is False
    again = Config.from_environ({}, tmp_path)
    assert (again.SECRET_KEY, again.ENCRYPTION_KEYS) == (config.SECRET_KEY, config.ENCRYPTION_KEYS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("PORT", "5000.0"),
        ("PUBLIC_URL", "chat.example.com"),
        ("PUBLIC_URL", "ftp://chat.example.com"),
        ("PUBLIC_URL", "https://chat.example.com/path"),
        ("PUBLIC_URL", "https://chat.example.com:port"),
        ("PUBLIC_URL", "https://[bad"),
        ("DATABASE_URL", "mysql://root@localhost/x"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "nonsense"),
        ("SQLITE_SYNCHRONOUS", "SOMETIMES"),
        ("REDIS_URL", "localhost:6379"),
        ("DESKBELL_ENV", "staging"),
        ("ENCRYPTION_KEY", "short"),
        ("ENCRYPTION_KEY", f"{KEY},short"),
        ("TRUSTED_PROXIES", "yes"),
        ("TRUSTED_PROXIES", "11"),
        ("RATELIMIT_ENABLED", "maybe"),
        ("SECRET_KEY_FILE", "/no/such/file"),
    ],
)
def test_a_wrong_value_names_its_variable(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, **{name: value})
    sentence = str(error.value)
    assert name.removesuffix("_FILE") in sentence
    assert "\n" not in sentence
    assert KEY not in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "f3b1c9d07a"),
        ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
        ("ENCRYPTION_KEY", ""),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "http://chat.example.com"),
    ],
)
def test_production_refuses_what_is_not_safe(tmp_path: Path, name: str, value: str) -> None:
    variables = {**PRODUCTION, "HOST": "0.0.0.0", name: value}
    if (name, value) == ("PUBLIC_URL", ""):
        assert Config.from_environ(variables, tmp_path).PUBLIC_URL == "http://127.0.0.1:5000"  # loopback may be http
        return
    with pytest.raises(ConfigError) as error:
        Config.from_environ(variables, tmp_path)
    assert name in str(error.value)
    assert not value or name == "PUBLIC_URL" or value not in str(error.value)


def test_production_accepts_what_is_safe(tmp_path: Path) -> None:
    config = Config.from_environ(PRODUCTION, tmp_path)
    assert config.SESSION_COOKIE_SECURE is True
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///other.db", "sqlite:///{instance}/other.db"),
        ("sqlite:////var/lib/deskbell.db", "sqlite:////var/lib/deskbell.db"),
        ("postgres://u:p@h/d", "postgresql+psycopg2://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg2://u:p@h/d"),
    ],
)
def test_the_database_is_absolute(tmp_path: Path, given: str, used: str) -> None:
    expected = used.format(instance=tmp_path / "instance")
    assert expected == read(tmp_path, DATABASE_URL=given).SQLALCHEMY_DATABASE_URI


@pytest.mark.parametrize(("host", "url"), [("0.0.0.0", "http://127.0.0.1:80"), ("::", "http://[::1]:80")])
def test_the_public_address_follows_the_host(tmp_path: Path, host: str, url: str) -> None:
    assert url == read(tmp_path, HOST=host, PORT="80").PUBLIC_URL


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(SECRET + "\n")
    assert Config.from_environ({"SECRET_KEY_FILE": str(file), "ENCRYPTION_KEY": KEY}, tmp_path).SECRET_KEY == SECRET
    with pytest.raises(ConfigError):
        read(tmp_path, SECRET_KEY_FILE=str(file))


def test_keys_rotate(tmp_path: Path) -> None:
    other = "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Q="
    assert [KEY, other] == read(tmp_path, ENCRYPTION_KEY=f"{KEY}, {other}").ENCRYPTION_KEYS
