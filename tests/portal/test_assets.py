"""Files of others that we ship are the ones we say they are."""

import re
from hashlib import sha256
from pathlib import Path

VENDOR = Path(__file__).parent.parent.parent / "static" / "vendor"


def test_vendored_files_have_the_hashes_on_record() -> None:
    record = dict(re.findall(r"- `([^`]+)` .* ([0-9a-f]{64})", (VENDOR / "README.md").read_text()))

    assert sorted(record) == ["htmx/htmx.min.js", "pico/pico.min.css"]
    assert {name: sha256((VENDOR / name).read_bytes()).hexdigest() for name in record} == record
