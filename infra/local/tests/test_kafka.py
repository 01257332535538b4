from pathlib import Path

from infra.local.kafka import _Tools


def test_the_archive_of_classes_is_made_by_one_stack_and_used_by_all_later_ones(tmp_path):
    tools = _Tools(tmp_path, Path("java"), "", None, "key")
    [making], ended = tools.class_archive_options("kafka")
    assert tools.class_archive_options("kafka") == ([], None)

    Path(making.removeprefix("-XX:ArchiveClassesAtExit=")).write_text("classes")
    ended(143)

    assert tools.class_archive_options("kafka") == ([f"-XX:SharedArchiveFile={tmp_path}/kafka-key.jsa"], None)


def test_what_died_while_it_made_the_archive_keeps_no_later_one_from_it(tmp_path):
    tools = _Tools(tmp_path, Path("java"), "", None, "key")
    (tmp_path / "kafka-key.99999999").touch()

    [making], ended = tools.class_archive_options("kafka")
    ended(-9)

    assert not Path(making.removeprefix("-XX:ArchiveClassesAtExit=")).exists()
    assert tools.class_archive_options("kafka")[0] == [making]
