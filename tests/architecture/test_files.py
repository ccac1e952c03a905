"""Names, sizes and places of files."""

import re
from pathlib import PurePosixPath

from kit.settings import documentation
from tests.architecture.source import ROOT
from tests.architecture.source import application
from tests.architecture.source import suite

FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}
MAX_LINES = 400
MAX_TEST_LINES = 600
MAX_CONFTEST_LINES = 200


def test_no_file_has_a_name_that_says_nothing() -> None:
    parts = {source.path: {part.removesuffix(".py") for part in PurePosixPath(source.path).parts} for source in application()}
    assert [path for path, names in parts.items() if names & FORBIDDEN] == []


def test_no_source_file_is_longer_than_its_cap() -> None:
    assert {source.path: len(source.lines) for source in application() if len(source.lines) > MAX_LINES} == {}


def test_no_test_file_is_longer_than_its_cap() -> None:
    caps = {source.path: MAX_CONFTEST_LINES if "conftest" in source.path else MAX_TEST_LINES for source in suite()}
    assert {source.path: len(source.lines) for source in suite() if len(source.lines) > caps[source.path]} == {}


def test_every_folder_of_python_files_is_a_package() -> None:
    folders = {PurePosixPath(source.path).parent for source in (*application(), *suite())} - {PurePosixPath(".")}
    assert sorted(str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()) == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    ways_out = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b")
    own = "tests/architecture/test_files.py"
    assert [source.path for source in suite() if source.path != own and ways_out.search(source.text)] == []


def test_settings_page_is_current() -> None:
    assert (ROOT / "docs/settings.md").read_text() == documentation()
