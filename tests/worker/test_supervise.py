"""What a person can get wrong before anything starts: one line each."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kit.settings import Settings
from tests.support.valkey import Valkey
from worker.supervise import StartRefused
from worker.supervise import check_machine
from worker.supervise import check_port
from worker.supervise import check_redis
from worker.supervise import end_orphan_redis
from worker.supervise import has_taken_interrupt
from worker.supervise import locked


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_start_is_refused_when_the_port_is_used(used_port: int) -> None:
    with pytest.raises(StartRefused, match=rf"^port {used_port} on 127.0.0.1 cannot be used .*TABLEPORT_PORT$"):
        check_port("127.0.0.1", used_port)


def test_start_is_refused_when_another_instance_holds_the_home(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(StartRefused, match="another Tableport is running"), locked(tmp_path):
        pass


def test_home_is_free_again_when_the_instance_ended(tmp_path: Path) -> None:
    with locked(tmp_path / "new"):
        pass
    with locked(tmp_path / "new"):
        assert (tmp_path / "new" / "lock").exists()


def test_start_is_refused_when_the_home_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(StartRefused, match="cannot write to the home folder"), locked(tmp_path / "home"):
        pass


def test_start_is_refused_when_the_disk_is_full(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match=r"MB free on the disk of .*; 1073741824 MB are needed$"):
        check_machine(Settings(home=tmp_path), needed_bytes=1 << 50)


def test_start_is_refused_without_the_password_when_redis_is_away(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, redis_url="redis://:hush@127.0.0.1:1/0")
    with pytest.raises(StartRefused, match=r"^the Redis of TABLEPORT_REDIS_URL does not answer") as caught:
        check_redis(settings)
    assert "hush" not in str(caught.value)


def test_given_redis_is_accepted_when_it_answers(settings: Settings) -> None:
    check_redis(replace(settings))


def test_left_over_redis_is_ended_before_a_new_one_starts(settings: Settings) -> None:
    path = settings.home / "orphan.sock"
    orphan = Valkey(path)
    orphan.start()
    end_orphan_redis(path)
    assert orphan.wait(5) == 0


def test_a_waiting_parent_is_not_taken_for_an_interrupted_one() -> None:
    assert has_taken_interrupt(os.getpid()) is False


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("TABLEPORT_PRT", "1", "tableport: cannot start: TABLEPORT_PRT is not a setting; docs/settings.md lists all of them\n"),
        ("TABLEPORT_PORT", "0", "tableport: cannot start: TABLEPORT_PORT=0: expected 1 to 65535\n"),
    ],
    ids=["unknown", "out of range"],
)
def test_start_ends_in_one_line_when_a_setting_is_wrong(tmp_path: Path, name: str, value: str, line: str) -> None:
    environ = {**os.environ, "TABLEPORT_HOME": str(tmp_path), name: value}
    command = [sys.executable, "-m", "worker.supervise"]
    result = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", line)
