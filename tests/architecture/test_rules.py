"""Every rule holds in the application, and every rule can tell when it does not."""

import pytest

from tests.architecture import rules
from tests.architecture.source import Source
from tests.architecture.source import application

LONG = "def long():\n" + "    pass\n" * 40
BROKEN = {
    rules.transactions_end_in_kit: "session.commit()",
    rules.imports_are_at_the_top: "def read():\n    import json",
    rules.driver_stays_in_kit: "unit.cursor().execute('SELECT 1')",
    rules.tenants_are_crossed_in_one_file: "with cross_tenant_unit('sandbox', reason='x'): pass",
    rules.tenant_reads_start_at_owned_by: "rows = select(Order.id, Order.status)",
    rules.network_is_left_through_egress: "from urllib.request import urlopen",
    rules.environment_is_read_in_settings: "port = os.environ['PORT']",
    rules.functions_are_short: LONG,
    rules.ignores_carry_a_reason: "import json  # noqa: F401",
    rules.nothing_is_left_for_later: "price = 0  # TO" + "DO",
    rules.asserts_are_for_tests: "assert price >= 0",
}
KEPT = {
    rules.network_is_left_through_egress: "from urllib.parse import quote",
    rules.tenant_reads_start_at_owned_by: "rows = select(Order)  # unscoped: the migration of all tenants",
    rules.ignores_carry_a_reason: "import json  # noqa: F401 - part of the public surface",
    rules.functions_are_short: LONG.replace("    pass\n", "", 1),
    rules.transactions_end_in_kit: "service.commit_order(scope)",
}


def name_of(rule: object) -> str:
    return getattr(rule, "__name__", str(rule))


@pytest.mark.parametrize("rule", BROKEN, ids=name_of)
def test_rule_holds_in_the_application(rule: object) -> None:
    assert [f"{source.path}:{line}" for source in application() for line in rule(source)] == []


@pytest.mark.parametrize(("rule", "text"), BROKEN.items(), ids=[name_of(rule) for rule in BROKEN])
def test_rule_catches_when_broken(rule: object, text: str) -> None:
    assert len(list(rule(Source("domain/orders/service.py", text)))) == 1


@pytest.mark.parametrize(("rule", "text"), KEPT.items(), ids=[name_of(rule) for rule in KEPT])
def test_rule_is_silent_when_kept(rule: object, text: str) -> None:
    assert list(rule(Source("domain/orders/service.py", text))) == []
