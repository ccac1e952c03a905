"""Moving sealed secrets to a new master key: all of them, in any number of pieces, and never losing one."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from accounts.mail.models import Mail
from accounts.mail.service import read_secret
from accounts.mail.service import send_mail
from accounts.webhooks.models import Subscription
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.service import create_endpoint
from domain.integrations.service import create_integration
from domain.integrations.service import read_secrets
from kit.crypto import vault
from kit.planes import ControlModel
from kit.planes import PlaneModel
from kit.scope import Scope
from kit.settings import Settings
from kit.unit import control
from kit.unit import control_unit
from kit.unit import session
from kit.unit import unit_of_work
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from worker import rewrap
from worker.rewrap import ON_CONTROL
from worker.rewrap import ON_PLANES
from worker.rewrap import keys_in_use
from worker.rewrap import may_drop
from worker.rewrap import report
from worker.rewrap import steps

NEW = "another master key of this installation"


@pytest.fixture(scope="module")
def partner(app: Flask) -> Partner:
    return sandbox_partner(profile="empty")


@pytest.fixture
def integrations(scope: Scope) -> list[str]:
    """Five rows of a new tenant, sealed before the rotation."""
    with unit_of_work(scope):
        made = [create_integration(scope, name=f"Till {n}", kind="pos", secrets={"pin": f"4{n}"}) for n in range(5)]
    return [document["id"] for document in made]


@pytest.fixture
def mail_id(app: Flask) -> str:
    """A mail that only its recipient may read."""
    context = {"title": "Note", "application": "Till", "restaurant": "Bistro", "after": "Pro", "text": "4711", "is_refusal": True}
    with control_unit():
        mail = send_mail(kind="tier.answered", to_address="jane@example.com", path="/", context=context, is_secret=True)
        assert mail is not None
        return mail.id


@pytest.fixture
def rotated(settings: Settings, integrations: list[str], mail_id: str) -> Iterator[None]:
    """The installation has a new master key and knows the former one. Afterwards everything is back under that."""
    vault.configure(pepper=settings.pepper, master_key=NEW, key_id="k2", old_keys={"k1": settings.master_key})
    yield
    vault.configure(pepper=settings.pepper, master_key=settings.master_key, old_keys={"k2": NEW})
    sum(steps("control"))


def pins(scope: Scope, ids: list[str]) -> list[str]:
    with unit_of_work(scope, writes=False):
        return [read_secrets(scope, integration_id=one)["pin"] for one in ids]


def test_every_sealed_column_is_moved() -> None:
    sealed = {
        f"{table.name}.{column.name}" for model in (ControlModel, PlaneModel)
        for table in model.metadata.tables.values() for column in table.columns if re.match("sealed", column.name)
    }  # fmt: skip
    assert sealed == {one.label for one in (*ON_CONTROL, *ON_PLANES)} - {"idempotency_records.body", "mails.text", "mails.html"}


@pytest.mark.usefixtures("rotated")
def test_killed_half_way_it_goes_on_where_it_was(
    scope: Scope, integrations: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(rewrap, "BATCH", 2)
    label = "integrations.sealed_secrets"
    assert next(steps("sandbox", [scope])) == 2
    assert keys_in_use("sandbox", [scope]) == {(label, "k2"): 2, (label, "k1"): 3}
    assert pins(scope, integrations) == ["40", "41", "42", "43", "44"]
    assert (report(["sandbox"], [scope]), may_drop("k1", [scope])) == (1, 1)
    assert f"sandbox: {label}: 3 under k1, LEFT" in capsys.readouterr().out

    assert list(steps("sandbox", [scope])) == [2, 1]
    sum(steps("control"))
    assert list(steps("sandbox", [scope])) == []
    assert (report(["sandbox"], [scope]), may_drop("k1", [scope])) == (0, 0)
    assert "no secret is under k1" in capsys.readouterr().out
    vault.configure(pepper=settings.pepper, master_key=NEW, key_id="k2")
    assert pins(scope, integrations) == ["40", "41", "42", "43", "44"]


@pytest.mark.usefixtures("rotated")
def test_secrets_of_an_endpoint_and_of_its_copy_open_after_the_move(partner: Partner, settings: Settings) -> None:
    vault.configure(pepper=settings.pepper, master_key=settings.master_key)
    with control_unit():
        issued = create_endpoint(partner._side(), url="https://hooks.sandbox.invalid/ok", event_types=["*"])
        endpoint_id = issued.endpoint.id
    vault.configure(pepper=settings.pepper, master_key=NEW, key_id="k2", old_keys={"k1": settings.master_key})

    sum(steps("control")), sum(steps("sandbox", [partner.scope]))

    vault.configure(pepper=settings.pepper, master_key=NEW, key_id="k2")
    with control_unit(writes=False):
        endpoint = control().session.get(WebhookEndpoint, endpoint_id)
        place = ("control", partner.application_id, "webhook_endpoints", endpoint_id, "secret")
        assert vault.box.open(endpoint.sealed_secret, *place) == issued.secret
    with unit_of_work(partner.scope, writes=False):
        copy = session(partner.scope).scalars(Subscription.owned_by(partner.scope).where(Subscription.id == endpoint_id)).one()
        place = ("sandbox", partner.tenant_id, "subscriptions", endpoint_id, "secret")
        assert vault.box.open(copy.sealed_secret, *place) == issued.secret
    vault.configure(pepper=settings.pepper, master_key=NEW, key_id="k2", old_keys={"k1": settings.master_key})


@pytest.mark.usefixtures("rotated")
def test_mail_is_read_after_the_move(mail_id: str, settings: Settings) -> None:
    sum(steps("control"))
    vault.configure(pepper=settings.pepper, master_key=NEW, key_id="k2")
    with control_unit(writes=False):
        mail = control().session.get(Mail, mail_id)
        assert "4711" in (read_secret(mail) or "")
        assert "4711" not in mail.text + mail.html


@pytest.mark.usefixtures("rotated")
def test_row_whose_key_is_gone_stays_as_it_is_and_is_reported(
    scope: Scope, integrations: list[str], settings: Settings
) -> None:
    vault.configure(pepper=settings.pepper, master_key="a third", key_id="k3", old_keys={"k2": NEW})
    assert sum(steps("sandbox", [scope])) == 0
    assert report(["sandbox"], [scope]) == 1
    vault.configure(pepper=settings.pepper, master_key=NEW, key_id="k2", old_keys={"k1": settings.master_key, "k3": "a third"})
    assert pins(scope, integrations) == ["40", "41", "42", "43", "44"]
    sum(steps("sandbox", [scope]))
