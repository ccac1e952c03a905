"""The scope catalogue and the presets made from it."""

from accounts.keys.catalog import PRESETS
from accounts.keys.catalog import RESOURCES
from accounts.keys.catalog import SCOPES
from accounts.plans.scopes import scopes_of
from kit.planes import Environment


def test_catalogue_has_39_scopes():
    assert len(SCOPES) == 39
    assert {"orders:read", "orders:write", "menus:read", "customers:read", "loyalty:write"} < set(SCOPES)


def test_presets_hold_known_scopes_only():
    assert set(PRESETS) == {"read_only", "pos", "ordering_channel", "crm", "bi", "full"}
    assert {scope for scopes in PRESETS.values() for scope in scopes} == set(SCOPES)
    assert not [scope for scope in PRESETS["read_only"] if not scope.endswith(":read")]


def test_resources_name_every_scope_once():
    assert [f"{resource}:{action}" for resource, actions in RESOURCES.items() for action in actions] == list(SCOPES)


def test_production_lacks_sandbox_control():
    assert scopes_of(Environment.SANDBOX) - scopes_of(Environment.PRODUCTION) == {"sandbox:control"}
