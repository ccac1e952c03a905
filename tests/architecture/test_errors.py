"""The error vocabulary as callers meet it."""

from collections import Counter

import bootstrap
from kit.errors import PlatformError
from kit.errors import registry


def test_every_error_code_belongs_to_one_class() -> None:
    assert bootstrap.create_app  # importing the composition root imports every error there is
    own_code = [error for error in registry() if "code" in vars(error)]
    counts = Counter(error.code for error in own_code)
    assert {code: count for code, count in counts.items() if count > 1} == {}


def test_every_error_has_a_status_and_a_title_of_its_family() -> None:
    families = {error: error.mro()[error.mro().index(PlatformError) - 1] for error in registry() if error is not PlatformError}
    assert [error.__name__ for error, family in families.items() if error.status != family.status] == []
    assert [error.__name__ for error in families if not error.title or error.title.endswith(".")] == []
