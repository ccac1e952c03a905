"""Credentials, their digests, and sealed secrets."""

import json
from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kit.crypto import BASE62
from kit.crypto import CREDENTIAL
from kit.crypto import SecretBox
from kit.crypto import Vault
from kit.crypto import digest
from kit.crypto import mint
from kit.crypto import parse
from kit.crypto import redact
from kit.crypto import same
from kit.crypto import signing_key
from kit.crypto import signing_secret

PLACE = ("sandbox", "tnt_1", "subscriptions", "whe_1", "secret")


@pytest.mark.parametrize(
    ("head", "is_live"),
    [("tp_test_sk_", False), ("tp_live_sk_", True), ("tp_live_rk_", True), ("tp_test_at_", False), ("tp_test_cs_", False),
     ("ts_live_", True), ("ot_test_", False)],
)  # fmt: skip
def test_credential_has_its_form(head: str, is_live: bool) -> None:
    made = mint(head)
    assert parse(made.text) == made
    assert (made.head, made.is_live, len(made.text)) == (head, is_live, len(head) + 57)
    assert made.text[len(head) : len(head) + 8] == made.kid
    assert CREDENTIAL.fullmatch(made.text) is not None
    assert made.last4 == made.text[-4:]


def test_credential_is_refused_when_any_single_character_is_mistyped() -> None:
    text = mint("tp_test_sk_").text
    typos = {text[:n] + other + text[n + 1 :] for n in range(len(text)) for other in BASE62 + "_-" if other != text[n]}
    assert len(typos) == sum(63 if letter in BASE62 + "_" else 64 for letter in text)
    assert [typo for typo in typos if parse(typo) is not None] == []


def test_credential_is_refused_when_neighbours_are_swapped() -> None:
    text = mint("tp_live_sk_").text
    swapped = {text[:n] + text[n + 1] + text[n] + text[n + 2 :] for n in range(len(text) - 1)} - {text}
    assert [swap for swap in swapped if parse(swap) is not None] == []


@pytest.mark.parametrize(
    ("old", "new"), [("_test_", "_live_"), ("_sk_", "_rk_"), ("_sk_", "_at_")], ids=["test to live", "sk to rk", "sk to at"]
)
def test_credential_is_refused_when_its_head_is_rewritten(old: str, new: str) -> None:
    assert parse(mint("tp_test_sk_").text.replace(old, new)) is None


def test_credential_is_refused_when_it_is_longer_or_shorter() -> None:
    text = mint("tp_test_sk_").text
    assert [other for other in (text + "0", " " + text, text + "\n", text[:-1], "") if parse(other) is not None] == []


def test_digest_depends_on_pepper_and_text() -> None:
    stored = digest("pepper", "token")
    assert stored == "1$d06900724f36b88d7f0b2d77004645b24578b2629a5d666200fa5ab3f509b45e"
    assert same(stored, digest("pepper", "token"))
    assert not same(stored, digest("other", "token"))
    assert not same(stored, digest("pepper", "tokem"))


def test_redaction_leaves_the_head_and_nothing_to_use() -> None:
    key, secret = mint("tp_live_sk_"), signing_secret()
    line = redact(f'{{"authorization": "Bearer {key.text}", "secret": "{secret}"}}')
    assert line == f'{{"authorization": "Bearer tp_live_sk_{key.kid}…", "secret": "whsec_…"}}'


def test_redaction_finds_a_key_glued_to_other_characters() -> None:
    key = mint("tp_live_sk_")
    assert redact(f"Bearer%20{key.text}x") == f"Bearer%20tp_live_sk_{key.kid}…x"


def test_sealed_secret_opens_in_its_place() -> None:
    box = SecretBox("master")
    assert box.open(box.seal("whsec_żółć", *PLACE), *PLACE) == "whsec_żółć"


def test_sealing_twice_gives_different_records() -> None:
    box = SecretBox("master")
    assert box.seal("x", *PLACE) != box.seal("x", *PLACE)


@pytest.mark.parametrize("part", range(5), ids=["environment", "tenant", "table", "row", "column"])
def test_sealed_secret_does_not_open_when_the_row_moved(part: int) -> None:
    box = SecretBox("master")
    elsewhere = [value + ("_2" if n == part else "") for n, value in enumerate(PLACE)]
    with pytest.raises(ValueError, match="does not belong to this place or key"):
        box.open(box.seal("x", *PLACE), *elsewhere)


def test_sealed_secret_does_not_open_under_another_master_key() -> None:
    with pytest.raises(ValueError, match="does not belong"):
        SecretBox("other").open(SecretBox("master").seal("x", *PLACE), *PLACE)


@pytest.mark.parametrize("field", ["wk", "ct"])
def test_sealed_secret_does_not_open_when_it_was_altered(field: str) -> None:
    box = SecretBox("master")
    mine, other = json.loads(box.seal("x", *PLACE)), json.loads(box.seal("y", *PLACE))
    with pytest.raises(ValueError, match="does not belong"):
        box.open(json.dumps(mine | {field: other[field]}), *PLACE)


def test_vault_refuses_to_work_before_it_is_configured() -> None:
    with pytest.raises(RuntimeError, match="not configured"):
        Vault().digest("x")
    with pytest.raises(RuntimeError, match="not configured"):
        _ = Vault().box


def test_signing_key_is_a_seed_with_its_public_key() -> None:
    private, public = signing_key()
    raw, shown = b64decode(private.removeprefix("whsk_")), b64decode(public.removeprefix("whpk_"))
    assert (len(raw), len(shown), raw[32:]) == (64, 32, shown)
    signature = Ed25519PrivateKey.from_private_bytes(raw[:32]).sign(b"text")
    Ed25519PublicKey.from_public_bytes(shown).verify(signature, b"text")
    assert private != signing_key()[0]
    assert redact(f"x {private} y") == "x whsk_… y"
