"""Reports of leaked keys, in the form secret scanners send them."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.audit.models import AuditEntry
from accounts.mail.models import Mail
from accounts.notices.models import Notice
from kit.crypto import mint
from kit.unit import control_unit
from tests.api.conftest import NewCaller
from tests.api.partners import Partner

PATH = "/security/v1/leaked-keys"


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    """A client without a credential."""
    return app.test_client()


def test_report_of_a_key_revokes_it_and_tells_its_owners(http: FlaskClient, partner: Partner, caller_of: NewCaller) -> None:
    key, unknown = partner.issue(["orders:read"]), mint("tp_live_sk_").text
    url = f"https://github.com/pasta/kiosk/blob/1?key={key.text}"
    sent = [{"token": text, "type": "tableport_key", "url": url, "source": "content"} for text in (key.text, unknown, "x")]

    answers = [http.post(PATH, json=sent) for _ in range(2)]

    for answer in answers:
        assert (answer.status_code, [found["label"] for found in answer.json]) == (
            200, ["true_positive", "false_positive", "false_positive"],
        )  # fmt: skip
        assert key.text not in answer.text
    assert caller_of(key.text).get("/v1/me").json["code"] == "token_revoked"
    with control_unit(writes=False) as unit:
        leaked = select(AuditEntry).where(AuditEntry.action == "key.leaked", AuditEntry.target == key.id)
        entry = unit.session.scalars(leaked).one()
        notices = unit.session.scalars(select(Notice).where(Notice.dedupe_key == f"key.leaked:{key.id}")).all()
        mails = unit.session.scalars(select(Mail.text).where(Mail.organisation_id == entry.organisation_id)).all()
    assert (entry.action, entry.person_id, entry.details["where"]) == ("key.leaked", None, "in a public place")
    assert [notice.severity for notice in notices] == ["error"]
    assert len([text for text in mails if "github.com/pasta/kiosk" in text]) == 1
    assert key.text not in str(entry.details) + notices[0].text + "".join(mails)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""), ([{"token": "x"}] * 101, ""), ([7], "[0]"), ([{"type": "x"}], "[0].token"), ([{"token": 7}], "[0].token"),
        ([{"token": "x", "url": ["y"]}], "[0].url"), ([{"token": "x" * 201}], "[0].token"),
    ],
    ids=["no-list", "too-many", "no-object", "no-token", "number", "list-as-url", "long"],
)  # fmt: skip
def test_report_is_refused_with_its_field_when_it_is_malformed(http: FlaskClient, body: Any, field: str) -> None:
    answer = http.post(PATH, json=body)
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])
