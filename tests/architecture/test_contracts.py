"""The import contracts can fail. A contract whose pattern matches nothing is reported as kept, so each one is broken here."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.architecture.source import application

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
SKELETON = (
    "portal/__init__.py", "worker/__init__.py", "api/__init__.py", "api/events.py", "api/versions/__init__.py",
    "api/core/__init__.py", "api/core/schemas.py", "sandbox/__init__.py", "accounts/__init__.py", "accounts/keys/__init__.py",
    "accounts/plans/__init__.py", "domain/__init__.py", "domain/orders/__init__.py", "domain/menus/__init__.py",
    "kit/__init__.py", "tableport/__init__.py",
)  # fmt: skip
VIOLATIONS = [
    ("layers", {"kit/__init__.py": "import domain"}),
    ("layers", {"accounts/__init__.py": "import sandbox"}),
    ("layers", {"portal/__init__.py": "import worker"}),
    ("pure-domain", {"domain/orders/__init__.py": "import flask"}),
    ("pure-domain", {"domain/menus/__init__.py": "from redis import Redis"}),
    ("flaskless-api", {"api/core/schemas.py": "import flask"}),
    ("flaskless-api", {"api/versions/__init__.py": "from flask import g"}),
    ("acyclic", {"domain/orders/__init__.py": "import domain.menus", "domain/menus/__init__.py": "import domain.orders"}),
    ("acyclic", {"accounts/keys/__init__.py": "import accounts.plans", "accounts/plans/__init__.py": "import accounts.keys"}),
    ("client", {"tableport/__init__.py": "import kit"}),
    ("client", {"tableport/__init__.py": "import flask"}),
    ("root", {"worker/__init__.py": "import bootstrap"}),
    ("root", {"api/core/__init__.py": "from wsgi import app"}),
]


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """A tree with the application's packages, nothing in them, and its contracts."""
    for name in SKELETON:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "bootstrap.py").touch()
    (tmp_path / "wsgi.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def verdict(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(LINT_IMPORTS), "--no-cache", "--no-logo", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_contracts_are_kept_when_nothing_is_imported(skeleton: Path) -> None:
    result = verdict(skeleton)
    assert (result.returncode, "6 kept, 0 broken" in result.stdout) == (0, True), result.stdout


@pytest.mark.parametrize(("contract", "files"), VIOLATIONS, ids=[f"{name}-{next(iter(files))}" for name, files in VIOLATIONS])
def test_contract_is_broken_when_violated(skeleton: Path, contract: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        (skeleton / name).write_text(text + "\n")
    result = verdict(skeleton, "--contract", contract)
    assert (result.returncode, "0 kept, 1 broken" in result.stdout) == (1, True), result.stdout


@pytest.mark.parametrize("ending", ["/schemas.py", "api/events.py", "api/versions/__init__.py"])
def test_contract_pattern_matches_files_that_exist(ending: str) -> None:
    assert [source.path for source in application() if source.path.endswith(ending) and source.path.startswith("api/")] != []
