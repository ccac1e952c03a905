"""Which passwords people may choose, and that they are checked as they were typed."""

import pytest

from accounts.people import passwords
from kit.errors import Invalid

EMAIL = "ada.lovelace@engine-works.example"


def is_accepted(password: str) -> bool:
    try:
        passwords.ensure_acceptable(password, email=EMAIL)
    except Invalid:
        return False
    return True


@pytest.mark.compliance("ASVS 5.0 6.2.4", "ASVS 5.0 6.2.12")
@pytest.mark.parametrize("password", ["1q2w3e4r5t6y", "Mailcreated5240", "QwertyQwerty", "123456654321", "vjht29061987"])
def test_password_from_a_leak_is_refused_in_any_case(password: str) -> None:
    assert not is_accepted(password)
    assert is_accepted(f"{password} gravel")


@pytest.mark.compliance("ASVS 5.0 6.2.4", "ASVS 5.0 6.2.12")
def test_leaks_hold_forty_thousand_passwords_that_are_long_enough() -> None:
    assert len(passwords._LEAKED) == 43_940


@pytest.mark.compliance("ASVS 5.0 6.2.11")
@pytest.mark.parametrize(
    "password",
    ["tableport-tableport", "Restaurant2026!", "TableportAdmin1", "sandbox-menu-orders", "Lovelace-2026!", "engine-works-77",
     "ADA.lovelace@engine"],
)  # fmt: skip
def test_password_made_of_our_words_or_the_address_alone_is_refused(password: str) -> None:
    assert not is_accepted(password)
    assert is_accepted(f"{password} gravel lantern")


@pytest.mark.compliance("ASVS 5.0 6.2.5", "ASVS 5.0 6.2.9")
@pytest.mark.parametrize(
    "password",
    ["gravellanternotter", "GRAVELLANTERNOTTER", "840275619302", "!§$%&/()=?+#", "ąžuolas ąžuolas",
     "鉄道の駅で待っています朝", "g " * 64],
    ids=["small", "capital", "digits", "signs", "accents", "japanese", "128-long"],
)  # fmt: skip
def test_password_of_any_characters_is_accepted(password: str) -> None:
    assert is_accepted(password)


@pytest.mark.compliance("ASVS 5.0 6.2.8")
def test_password_is_checked_to_its_last_character_in_its_case() -> None:
    typed = "Gravel lantern otter " * 6
    stored = passwords.hashed(typed)

    assert passwords.matches(typed, stored)
    for other in (typed[:-1], typed.strip(), typed.lower(), f"{typed[:-2]}R ", f" {typed}"):
        assert not passwords.matches(other, stored)
