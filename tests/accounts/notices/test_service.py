"""Notices belong to one organisation; its makers are told by mail as well, in the same transaction."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from accounts.mail.models import Mail
from accounts.notices.models import Notice
from accounts.notices.service import Told
from accounts.notices.service import count_unread
from accounts.notices.service import list_notices
from accounts.notices.service import mark_all_read
from accounts.notices.service import mark_read
from accounts.notices.service import notify
from kit.clock import to_us
from kit.errors import Forbidden
from kit.errors import NotFound
from kit.unit import control
from kit.unit import control_unit
from tests.accounts.conftest import Account

VALUES = {
    "endpoint": "Till", "address": "https://pos.example.com/", "application": "Kiosk", "place": "Live", "failing_since": None,
    "last_answer": "timeout", "is_gone": False,
}  # fmt: skip


def tell(account: Account, title: str = "Till was switched off", key: str | None = None, has_mail: bool = False) -> Notice | None:
    told = Told(kind="endpoint.disabled", severity="error", title=title, text="It is off.", link="/notices", dedupe_key=key)
    return notify(told, organisation_id=account.organisation_id, mail=VALUES if has_mail else None)


def mailed(account: Account) -> list[str]:
    query = select(Mail.to_address).where(Mail.organisation_id == account.organisation_id).order_by(Mail.id)
    return list(control().session.scalars(query))


def test_owners_and_developers_get_a_mail_and_the_others_none(account: Account, stranger: Account):
    with control_unit():
        developer = account.colleague("developer")
        for role in ("analyst", "finance", "viewer"):
            account.colleague(role)
        assert tell(account, has_mail=True) is not None
        assert mailed(account) == [account.email, developer.email]
        assert mailed(stranger) == []


def test_second_notice_with_the_same_key_changes_nothing_and_another_organisation_has_its_own(
    account: Account, stranger: Account
):
    with control_unit():
        assert tell(account, key="k", has_mail=True) is not None
        assert tell(account, key="k", has_mail=True) is None
        assert tell(stranger, key="k") is not None
        assert (count_unread(account.member), len(mailed(account)), count_unread(stranger.member)) == (1, 1, 1)


def test_notices_are_listed_newest_first_and_paged(account: Account):
    with control_unit():
        for number in range(3):
            tell(account, f"Notice {number}")
    with control_unit(writes=False):
        first = list_notices(account.member, limit=1)
        rest = list_notices(account.member, limit=5, after=[to_us(first[0].created_at), first[0].id])
    assert [[notice.title for notice in page] for page in (first, rest)] == [
        ["Notice 2", "Notice 1"], ["Notice 1", "Notice 0"],
    ]  # fmt: skip


def test_read_notices_count_no_more(account: Account):
    with control_unit():
        first, _, _ = (tell(account, title) for title in ("a", "b", "c"))
        assert first is not None
        mark_read(account.member, notice_id=first.id)
        assert (count_unread(account.member), first.read_by) == (2, account.member.person_id)
        assert mark_all_read(account.member) == 2
        assert (count_unread(account.member), mark_all_read(account.member)) == (0, 0)


@pytest.mark.parametrize("mark", [lambda who, notice: mark_read(who, notice_id=notice), lambda who, _: mark_all_read(who)])
def test_reading_role_marks_nothing_and_is_not_waited_for(account: Account, mark: Callable[..., object]):
    with control_unit():
        viewer, notice = account.colleague("viewer"), tell(account)
        assert notice is not None
        assert count_unread(viewer) == 0
        with pytest.raises(Forbidden):
            mark(viewer, notice.id)
        assert count_unread(account.member) == 1


def test_notice_of_another_organisation_is_unknown(account: Account, stranger: Account):
    with control_unit():
        notice = tell(account)
        assert notice is not None
        with pytest.raises(NotFound):
            mark_read(stranger.member, notice_id=notice.id)
        assert mark_all_read(stranger.member) == 0
        assert list_notices(stranger.member, limit=5) == []
        assert count_unread(account.member) == 1


def test_count_ends_at_a_hundred(account: Account):
    with control_unit():
        for number in range(101):
            control().session.add(Notice(
                id=f"{account.organisation_id}{number}", organisation_id=account.organisation_id, kind="x", severity="info",
                title="x", text="x", link="/",
            ))  # fmt: skip
        assert count_unread(account.member) == 100
