"""Runs the function of one language on the whole table, in one process.

A driver reads a line for each request: clock, secrets with commas between, body, and each header as name:value, all separated by
tabs; body and values are base64 because they are bytes, and Java has no JSON. It writes a line for each: the event as JSON,
`refused: ` with the reason, or `threw: ` with what should not have come.
"""

import json
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal.docs.receiving import FOLDER
from tests.portal.receivers.vectors import Vector

DRIVERS = Path(__file__).parent / "drivers"
WITHIN_S = 120
PROJECT = """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType>
<TargetFramework>net{major}.0</TargetFramework></PropertyGroup></Project>"""
Commands = list[list[str]]


def interpreted(program: str, driver: str) -> Callable[[Path], Commands]:
    """A driver that is run as it is and finds the function in the folder it is given."""
    return lambda place: [[program, str(DRIVERS / driver), str(FOLDER)]]


def java(place: Path) -> Commands:
    """Both files, compiled."""
    sources = [str(FOLDER / "VerifyWebhook.java"), str(DRIVERS / "Drive.java")]
    quick = "-XX:TieredStopAtLevel=1"
    return [["javac", f"-J{quick}", "-Xlint:all,-serial", "-Werror", "-d", ".", *sources], ["java", quick, "-cp", ".", "Drive"]]


def go(place: Path) -> Commands:
    """A module with the function as a package of it."""
    (place / "webhook").mkdir()
    (place / "go.mod").write_text("module table\n\ngo 1.18\n")
    shutil.copy(DRIVERS / "drive.go", place / "main.go")
    shutil.copy(FOLDER / "verify_webhook.go", place / "webhook")
    return [["go", "vet", "./webhook"], ["go", "run", "."]]


def dotnet(place: Path) -> Commands:
    """A project for the framework the machine has."""
    version = subprocess.check_output(["dotnet", "--version"], cwd=place, text=True)
    (place / "table.csproj").write_text(PROJECT.format(major=version.partition(".")[0]))
    shutil.copy(DRIVERS / "Drive.cs", place)
    shutil.copy(FOLDER / "VerifyWebhook.cs", place)
    return [["dotnet", "build", "--nologo", "-v", "quiet", "-o", "out"], ["dotnet", "out/table.dll"]]


NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or "node"
WAYS: dict[str, tuple[str, Callable[[Path], Commands]]] = {
    "python": (sys.executable, interpreted(sys.executable, "drive.py")),
    "node": (NODE, interpreted(NODE, "drive.mjs")),
    "php": ("php", interpreted("php", "drive.php")),
    "ruby": ("ruby", interpreted("ruby", "drive.rb")),
    "go": ("go", go),
    "java": ("javac", java),
    "csharp": ("dotnet", dotnet),
}


def present() -> list[str]:
    """The languages this machine can run."""
    return [name for name, (program, _) in WAYS.items() if shutil.which(program)]


def answers(language: str, table: Mapping[str, Vector], place: Path) -> dict[str, Any]:
    """What the function of a language says to each request. place: an empty folder to build in."""
    *builds, run = WAYS[language][1](place)
    for command in builds:
        subprocess.run(command, cwd=place, check=True, timeout=WITHIN_S)
    given = "".join(_line(vector) for vector in table.values())
    done = subprocess.run(run, cwd=place, input=given.encode(), capture_output=True, check=True, timeout=WITHIN_S)
    told = done.stdout.decode().splitlines()
    return {name: json.loads(line) if line[0] == "{" else line for name, line in zip(table, told, strict=True)}


def _line(vector: Vector) -> str:
    pairs = [f"{name}:{b64encode(value).decode()}" for name, value in vector.headers.items()]
    return "\t".join([str(vector.now_s), ",".join(vector.secrets), b64encode(vector.body).decode(), *pairs]) + "\n"
