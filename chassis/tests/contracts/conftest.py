import textwrap

import pytest


@pytest.fixture
def write_files(tmp_path):
    """Write a file of a contract; returns its path."""

    def write_files(name, text):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return path

    return write_files
