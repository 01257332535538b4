import os
import signal

import pytest

from chassis.testing.eventually import eventually_sync
from infra.local import control, process_registry
from infra.local.process import StackError


def running_supervisor(folder):
    return {name: record["pid"] for name, record in process_registry.read_registry(folder).running.items()}


def test_a_killed_part_is_started_again_at_once_and_the_others_stay(supervised, tmp_path):
    supervised("steady", "second")
    before = running_supervisor(tmp_path)

    after = control.restart(tmp_path, "steady", within=2)

    assert after != before["steady"]
    assert running_supervisor(tmp_path) == before | {"steady": after}


def test_a_part_killed_again_and_again_is_started_each_time_without_growing_pauses(supervised, tmp_path):
    supervised("steady")

    seen = {control.restart(tmp_path, "steady", within=1.5) for _ in range(4)}

    assert len(seen) == 4


def test_without_restart_an_ended_part_stays_down(supervised, tmp_path):
    process, _ = supervised("steady", "second", "--no-restart")

    control.kill(tmp_path, "steady")

    assert process.stdout.readline().split() == ["steady", "ended", "(-9)"]
    eventually_sync(lambda: "steady" not in running_supervisor(tmp_path))
    assert "second" in running_supervisor(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["ended politely", "killed"])
def test_a_held_part_stays_down_until_it_is_released(supervised, tmp_path, number):
    supervised("steady", "second")

    control.keep_down(tmp_path, "steady", number)

    assert "steady" not in running_supervisor(tmp_path)
    assert "second" in running_supervisor(tmp_path)
    control.release(tmp_path, "steady")
    assert "steady" in running_supervisor(tmp_path)


def test_a_held_part_is_not_started_when_another_dies(supervised, tmp_path):
    supervised("steady", "second")
    control.keep_down(tmp_path, "steady")

    control.restart(tmp_path, "second")

    assert "steady" not in running_supervisor(tmp_path)
    with pytest.raises(StackError, match="steady does not run"):
        control.kill(tmp_path, "steady")


def test_a_hold_ends_with_its_supervisor(supervised, tmp_path):
    supervised("steady")
    control.keep_down(tmp_path, "steady")
    process_registry.stop_supervisor(tmp_path)

    supervised("steady")

    assert "steady" in running_supervisor(tmp_path)


def test_a_part_that_cannot_start_says_why_in_one_sentence_and_nothing_stays(supervised, tmp_path):
    process, said = supervised("steady", "broken")

    log = tmp_path / "logs" / "broken.log"
    assert said[-1] == f"StackError: broken ended (3): FATAL: no room for the index (all of it: {log})"
    assert process.wait(10) == 1
    assert running_supervisor(tmp_path) == {}


def test_what_runs_once_is_ready_when_it_has_ended_well(supervised, tmp_path):
    _, said = supervised("preparing", "prepared")

    assert [line.split()[0] for line in said] == ["preparing", "prepared", "all"]
    assert set(running_supervisor(tmp_path)) == {"supervisor", "prepared"}


def test_what_runs_once_and_fails_is_the_error(supervised, tmp_path):
    process, said = supervised("unprepared", "steady")

    assert said[-1].startswith("StackError: unprepared ended (1): Error: the bucket is locked")
    assert process.wait(10) == 1


def test_after_down_nothing_runs_not_even_what_parts_started_or_what_ignores_its_end(supervised, tmp_path):
    process, _ = supervised("steady", "parent", "stubborn")
    pids = [*running_supervisor(tmp_path).values(), int((tmp_path / "child.pid").read_text())]

    process_registry.stop_supervisor(tmp_path)

    assert process.wait(10) == 0
    assert [pid for pid in pids if process_registry.process_start_time(pid)] == []
    assert not (tmp_path / "processes.json").exists()


def test_when_the_supervisor_is_killed_its_parts_end_and_the_next_one_starts_afresh(supervised, tmp_path):
    process, _ = supervised("steady", "parent")
    pids = [pid for name, pid in running_supervisor(tmp_path).items() if name != "supervisor"]

    process.kill()
    process.wait()

    eventually_sync(lambda: not [pid for pid in pids if process_registry.process_start_time(pid)])
    _, said = supervised("steady")
    assert said[-1] == "all ready"


def test_a_process_with_a_recorded_number_but_another_start_is_left_alone(tmp_path):
    record = {"pid": os.getpid(), "started": "1"}

    assert not process_registry.is_alive(record)


def test_a_part_that_preloads_is_started_before_what_it_needs_is_ready_and_goes_on_when_it_is(supervised, tmp_path):
    supervised("slow", "preloading")  # of which the first waits for the second to be started

    assert "preloading" in running_supervisor(tmp_path)
    assert control.restart(tmp_path, "preloading", within=2)
