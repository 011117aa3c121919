"""What a file's own trouble is told as, whichever noun it holds."""

import sqlite3
from pathlib import Path

import pytest

from wellspent.facts.errors import ConfigError, InvalidInput, told_of_file


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (sqlite3.OperationalError("database is locked"), "the facts in f.db cannot be used: database is locked; try again"),
        (sqlite3.OperationalError("disk I/O error"), "the facts in f.db cannot be used: disk I/O error; check the disk"),
        (sqlite3.DatabaseError("file is not a database"), "f.db is not a facts file: file is not a database; restore"),
        (PermissionError(13, "Permission denied"), "the facts in f.db cannot be opened: Permission denied; check the folder"),
    ],
)
def test_trouble_with_a_file_says_which_file_what_happened_and_what_to_do(raised: Exception, said: str) -> None:
    with pytest.raises(ConfigError) as told, told_of_file(Path("f.db"), "facts", "is not a facts file"):
        raise raised
    assert str(told.value).startswith(said)


def test_what_is_already_told_is_not_told_over() -> None:
    with pytest.raises(InvalidInput, match="a line of ours"), told_of_file(Path("f.db"), "facts", "is not a facts file"):
        raise InvalidInput("a line of ours")
