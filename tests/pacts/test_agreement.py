"""What services need of each other is agreed on, is what their tests say now, and holds."""

from pathlib import Path

import pytest

from tooling.pacts import recording
from tooling.pacts.files import PACTS_FOLDER, UPDATE_HINT, canonical_json, find_outdated_pacts, read_pacts
from tooling.pacts.matrix import VERIFIED, read_current_matrix, render_text, write_matrix


@pytest.fixture(scope="session")
def consumer_tests_ran(request, pact_dir):
    """All tests of pacts: in this session if they are all part of it, otherwise in a process of their own."""
    wanted = {path for folder in recording.pact_test_folders() for path in Path(folder).glob("test_*.py")}
    if not wanted <= {item.path for item in request.session.items}:
        assert recording.run_consumer_tests(pact_dir) == 0
    return pact_dir


def test_what_is_committed_is_what_the_consumers_need(consumer_tests_ran):
    assert not (found := find_outdated_pacts(consumer_tests_ran, PACTS_FOLDER)), "\n".join([*found, UPDATE_HINT])


def test_nothing_is_missing_unverified_stale_or_failed(consumer_tests_ran):
    found = read_current_matrix()
    write_matrix(found)

    assert {row.verdict for row in found} == {VERIFIED}, render_text(found)


@pytest.mark.parametrize("name", read_pacts(PACTS_FOLDER))
def test_a_pact_is_committed_in_the_form_in_which_it_is_made(name):
    assert (PACTS_FOLDER / name).read_text("utf-8") == canonical_json(read_pacts(PACTS_FOLDER)[name])
