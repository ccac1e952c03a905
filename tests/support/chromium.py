"""Where the browser of the browser tests is."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium")


def find_chromium() -> str | None:
    """Path of an installed Chromium, or None. Playwright drives it; it downloads none of its own."""
    return next((path for path in map(shutil.which, NAMES) if path), None)
