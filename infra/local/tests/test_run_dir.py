import socket
import stat

import pytest

from infra.local.process import StackError
from infra.local.run_dir import Ports, RunDir


def test_two_stacks_never_get_the_same_port():
    one, other = Ports(free=True, remembered={}), Ports(free=True, remembered={})
    port = one.claim("order")

    again = Ports(free=True, remembered={"order": port}).claim("order")

    assert port not in {again, *(other.claim(f"part {number}") for number in range(50))}


def test_a_run_folder_gives_the_same_ports_again(tmp_path):
    run_dir = RunDir(tmp_path, free=True)
    port = run_dir.ports.claim("order")
    run_dir.remember_ports()
    del run_dir

    assert RunDir(tmp_path, free=True).ports.claim("order") == port


def test_a_fixed_port_that_is_busy_is_named():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]

        with pytest.raises(StackError, match=rf"port {port} \(gateway\) is in use"):
            Ports(free=False, remembered={}).claim("gateway", port)


def test_secrets_are_made_once_for_each_folder_and_for_its_owner_only(tmp_path):
    first, second = RunDir(tmp_path / "one", free=True), RunDir(tmp_path / "two", free=True)

    assert first.secret("s3") == RunDir(tmp_path / "one", free=True).secret("s3")
    assert len({first.secret("s3"), first.secret("other"), second.secret("s3")}) == 3
    assert stat.S_IMODE((tmp_path / "one" / "secrets.json").stat().st_mode) == 0o600


def test_logs_of_the_last_time_are_put_aside(tmp_path):
    log = RunDir(tmp_path, free=True).log("order")
    log.write_text("before")

    RunDir(tmp_path, free=True)

    assert not log.exists()
    assert log.with_suffix(".log.1").read_text() == "before"
