"""A key's own page: what it shows of a roll, and the version it speaks."""

import re

from tests.portal.conftest import Partner
from tests.portal.test_walk import wait_for


def test_page_splits_calls_between_a_key_and_the_one_that_replaces_it(partner: Partner) -> None:
    visitor = partner.visitor
    visitor.client.get("/v1/me", headers={"Authorization": f"Bearer {partner.key}"})
    visitor.get("/sandbox/keys")
    old = visitor.links("/sandbox/keys/key_")[0]
    visitor.get(old)
    visitor.submit("/roll", grace_s="3600")
    new = next(link for link in visitor.links("/sandbox/keys/key_") if link != old)

    html = wait_for(visitor, old, "<dd>1, and 0 with")
    assert re.search(rf'<dd>1, and 0 with <a href="{new}">the key that replaces it</a></dd>', html)
    assert f'<dd>0, and 1 with <a href="{old}">the key it replaces</a></dd>' in visitor.get(new).text


def test_version_of_a_key_is_chosen_among_those_there_are(partner: Partner) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/keys")
    visitor.get(visitor.links("/sandbox/keys/key_")[0])

    assert visitor.post("/version", api_version="1999-01-01").status_code == 422
    assert "speaks 2026-09-01 from its next call on" in visitor.submit("/version", api_version="2026-09-01").text
    assert visitor.page is not None
    assert "<dd>2026-09-01</dd>" in visitor.page.text
