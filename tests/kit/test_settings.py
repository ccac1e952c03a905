"""Settings are refused at start, in one line, when they are unknown, malformed or unsafe."""

import json
import stat
from pathlib import Path

import pytest

from kit.settings import Settings
from kit.settings import SettingsError
from kit.settings import load
from kit.settings import redis_socket

SECRETS = dict.fromkeys(("TABLEPORT_SECRET_KEY", "TABLEPORT_PEPPER", "TABLEPORT_MASTER_KEY"), "s" * 32)
PRODUCTION = {"TABLEPORT_MODE": "production", "TABLEPORT_BASE_URL": "https://tableport.example", **SECRETS}
POSTGRESQL = {f"TABLEPORT_{plane}_URL": f"postgresql+psycopg://app@db/{plane}" for plane in ("CONTROL", "SANDBOX", "PRODUCTION")}


MAILING = {"TABLEPORT_MAIL_FROM": "Tableport <no-reply@tableport.example>"}


def test_production_settings_are_accepted_when_they_are_safe() -> None:
    assert load(PRODUCTION).is_production


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"TABLEPORT_WEB_WORKER": "2"}, "TABLEPORT_WEB_WORKER is not a setting"),
        ({"TABLEPORT_PORT": "http"}, "TABLEPORT_PORT='http' is not a valid value"),
        ({"TABLEPORT_PORT": "0"}, "TABLEPORT_PORT=0: expected 1 to 65535"),
        ({"TABLEPORT_PORT": "65536"}, "TABLEPORT_PORT=65536: expected 1 to 65535"),
        ({"TABLEPORT_MODE": "prod"}, "TABLEPORT_MODE='prod': expected development or production"),
        ({"TABLEPORT_EGRESS_ALLOW": "10.0.0.1/8"}, "TABLEPORT_EGRESS_ALLOW='10.0.0.1/8' is not a valid value"),
        ({"TABLEPORT_MACHINES": "2"}, "TABLEPORT_MACHINES above 1 needs PostgreSQL"),
        ({"TABLEPORT_MACHINES": "2", **POSTGRESQL}, "TABLEPORT_MACHINES above 1 needs PostgreSQL"),
        ({"TABLEPORT_MACHINES": "2", "TABLEPORT_REDIS_URL": "redis://r"}, "TABLEPORT_MACHINES above 1 needs PostgreSQL"),
        (PRODUCTION | {"TABLEPORT_PEPPER": ""}, "TABLEPORT_PEPPER must be set to at least 32"),
        (PRODUCTION | {"TABLEPORT_MASTER_KEY": "short"}, "TABLEPORT_MASTER_KEY must be set to at least 32"),
        (PRODUCTION | {"TABLEPORT_SECRET_KEY": "s" * 31}, "TABLEPORT_SECRET_KEY must be set to at least 32"),
        (PRODUCTION | {"TABLEPORT_EGRESS_ALLOW": "10.0.0.0/8"}, "TABLEPORT_EGRESS_ALLOW opens private networks"),
        (PRODUCTION | {"TABLEPORT_BASE_URL": "http://tableport.example"}, "TABLEPORT_BASE_URL must be an https"),
        (PRODUCTION | {"TABLEPORT_BASE_URL": ""}, "TABLEPORT_BASE_URL must be an https"),
        ({"TABLEPORT_SMTP_URL": "smtp://mail.example"}, "TABLEPORT_MAIL_FROM must be set when"),
        (MAILING | {"TABLEPORT_SMTP_URL": "mail.example:25"}, "TABLEPORT_SMTP_URL: expected smtp://"),
        (MAILING | {"TABLEPORT_SMTP_URL": "smtp://mail.example:0"}, "TABLEPORT_SMTP_URL: expected smtp://"),
        (MAILING | {"TABLEPORT_SMTP_URL": "smtp://u:s3cret@mail.example:99999"}, "TABLEPORT_SMTP_URL: expected smtp://"),
        (MAILING | {"TABLEPORT_SMTP_URL": "smtp://mail.example/path"}, "TABLEPORT_SMTP_URL: expected smtp://"),
        (MAILING | {"TABLEPORT_SMTP_URL": "smtps://u@mail.example"}, "TABLEPORT_SMTP_URL: expected smtp://"),
        ({"TABLEPORT_MAIL_FROM": "nobody"}, "TABLEPORT_MAIL_FROM='nobody': expected name@example.com"),
        ({"TABLEPORT_MAIL_FROM": "a@b.example, c@d.example"}, "TABLEPORT_MAIL_FROM='a@b.example, c@d.example': expected"),
        ({"TABLEPORT_MAIL_FROM": "a@b.example\r\nBcc: c@d.example"}, "TABLEPORT_MAIL_FROM='a@b.example\\r\\nBcc"),
    ],
)
def test_settings_are_refused_when_they_are_wrong(tmp_path: Path, environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({"TABLEPORT_HOME": str(tmp_path), **environ})
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_sender_of_mails_has_a_name_and_an_address(tmp_path: Path) -> None:
    environ = {"TABLEPORT_HOME": str(tmp_path), "TABLEPORT_SMTP_URL": "smtps://u:p%40ss@mail.example", **MAILING}
    sender = load(environ).mail_sender
    assert (sender.display_name, sender.addr_spec) == ("Tableport", "no-reply@tableport.example")


def test_several_machines_are_accepted_with_postgresql_and_redis(tmp_path: Path) -> None:
    environ = {"TABLEPORT_HOME": str(tmp_path), "TABLEPORT_MACHINES": "2", "TABLEPORT_REDIS_URL": "redis://r", **POSTGRESQL}
    assert load(environ).machines == 2


def test_several_machines_are_refused_with_sqlite_by_url(tmp_path: Path) -> None:
    planes = {name: f"sqlite:///{tmp_path}/{name}.db" for name in POSTGRESQL}
    environ = {"TABLEPORT_HOME": str(tmp_path), "TABLEPORT_MACHINES": "2", "TABLEPORT_REDIS_URL": "redis://r", **planes}
    with pytest.raises(SettingsError, match="needs PostgreSQL"):
        load(environ)


def test_secrets_are_generated_once_and_for_the_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    first, second = load({"TABLEPORT_HOME": str(home)}), load({"TABLEPORT_HOME": str(home)})
    assert first == second
    assert len({first.secret_key, first.pepper, first.master_key}) == 3
    assert min(map(len, (first.secret_key, first.pepper, first.master_key))) == 64
    assert stat.S_IMODE((home / "secrets.json").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["secrets.json"]


def test_variables_of_the_command_line_client_are_none_of_ours(tmp_path: Path) -> None:
    environ = {"TABLEPORT_HOME": str(tmp_path)}
    assert load({**environ, "TABLEPORT_CLI_KEY": "tp_test_sk_x"}) == load(environ)


def test_given_secret_wins_over_the_generated_one(tmp_path: Path) -> None:
    environ = {"TABLEPORT_HOME": str(tmp_path)}
    load(environ)
    settings = load({**environ, "TABLEPORT_PEPPER": "p" * 32})
    assert settings.pepper == "p" * 32
    assert settings.secret_key == json.loads((tmp_path / "secrets.json").read_text())["secret_key"]


def test_damaged_secrets_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(SettingsError, match=r"secrets\.json"):
        load({"TABLEPORT_HOME": str(tmp_path)})


@pytest.mark.parametrize(("folder", "is_in_home"), [("short", True), ("deep" * 40, False)])
def test_socket_path_stays_short(folder: str, is_in_home: bool) -> None:
    home = Path("/tmp") / folder
    assert (redis_socket(home) == home / "redis.sock") is is_in_home
    assert len(str(redis_socket(home))) < 100
    assert redis_socket(home) == redis_socket(home)
    assert redis_socket(home) != redis_socket(home / "other")


@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [
        ("", "unix:///tmp/h/redis.sock?db=1"),
        ("unix:///run/r.sock?db=0", "unix:///run/r.sock?db=1"),
        ("redis://user:pw@host:6379", "redis://user:pw@host:6379/1"),
        ("rediss://host:6379/5", "rediss://host:6379/1"),
    ],
)
def test_redis_database_is_chosen_in_any_spelling(redis_url: str, expected: str) -> None:
    assert Settings(home=Path("/tmp/h"), redis_url=redis_url).redis_database_url(1) == expected


def test_plane_url_falls_back_to_one_file_for_all_roles() -> None:
    app, ops = "postgresql+psycopg://app@db/p", "postgresql+psycopg://ops@db/p"
    settings = Settings(home=Path("/tmp/h"), production_url=app, production_ops_url=ops)
    assert settings.plane_url("sandbox", "ops") == settings.plane_url("sandbox") == "sqlite:////tmp/h/sandbox.sqlite3"
    assert settings.plane_url("production", "ops") == ops
    assert settings.plane_url("production", "owner") == app
