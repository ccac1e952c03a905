"""People of an organisation, as its pages show and change them."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from accounts.applications.service import create_tenant
from accounts.mail.models import Mail
from accounts.mail.service import read_secret
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control_unit
from tests.portal.browsing import PASSWORD
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner

NewVisitor = Callable[[], Visitor]


def invite(partner: Partner, email: str, role: str = "analyst") -> str:
    """Send the form, and return the link in the mail."""
    partner.visitor.get("/members")
    assert "gets a mail with a link that works for 7 days" in partner.visitor.submit("/invitations", email=email, role=role).text
    with control_unit(writes=False) as unit:
        mail = unit.session.scalars(select(Mail).where(Mail.to_address == email, Mail.kind == "member.invited")).one()
        return re.findall(r"/join/\S+", read_secret(mail) or "")[0]


def address() -> str:
    return f"{new_id('new').lower()}@example.com"


def test_invited_person_makes_an_account_and_sees_what_their_role_sees(partner: Partner, new_visitor: NewVisitor) -> None:
    email, newcomer = address(), new_visitor()
    link = invite(partner, email)
    assert "Join Bistro Systems" in newcomer.get(link).text

    page = newcomer.submit("/account", name="Anna", password=PASSWORD)

    assert "You have the role analyst" in page.text
    refused = newcomer.get("/sandbox/keys")
    assert refused.status_code == 403
    assert "Your role is analyst. Only owners, developers and viewers may see which API keys exist" in refused.text
    assert "API keys" not in newcomer.get("/sandbox/logs").text
    members = partner.visitor.get("/members").text
    assert email in members
    assert "Nobody is invited" in members
    assert newcomer.get(link).status_code == 404


def test_invited_person_with_an_account_logs_in_joins_and_switches_back(
    partner: Partner, new_partner: Callable[[], Partner], new_visitor: NewVisitor
) -> None:
    guest = new_partner()
    link = invite(partner, guest.email, "viewer")
    visitor = new_visitor()
    visitor.get(link)
    visitor.get(visitor.links("/login")[-1])
    visitor.submit("/login", email=guest.email, password=PASSWORD)

    assert "You belong to Bistro Systems now, as viewer." in visitor.submit(link).text
    assert "Your role is viewer" in visitor.get("/members/permissions").text

    visitor.get("/organisations")
    assert "You act in Bistro Systems now." in visitor.submit("/choose").text
    assert "Your role is owner" in visitor.get("/members/permissions").text


def test_somebody_else_is_told_whom_the_invitation_is_for(partner: Partner, new_partner: Callable[[], Partner]) -> None:
    email, other = address(), new_partner()
    link = invite(partner, email)

    page = other.visitor.get(link).text

    assert f"The invitation is for {email}." in page
    assert "<button>Join" not in page
    answer = other.visitor.client.post(link, data={"csrf_token": other.visitor.csrf_token("/members")})
    assert answer.status_code == 403
    assert email not in partner.visitor.get("/audit?action=member.added").text


def test_short_password_shows_the_invitation_again_and_uses_nothing(partner: Partner, new_visitor: NewVisitor) -> None:
    newcomer = new_visitor()
    link = invite(partner, address())
    newcomer.get(link)

    answer = newcomer.post("/account", name="Anna", password="short")

    assert answer.status_code == 422
    assert 'value="Anna"' in answer.text
    assert "12 to 128 characters" in answer.text
    assert "Join Bistro Systems" in newcomer.get(link).text


def test_owner_changes_a_role_and_removes_a_member(partner: Partner, new_visitor: NewVisitor) -> None:
    newcomer = new_visitor()
    newcomer.get(invite(partner, address()))
    newcomer.submit("/account", name="", password=PASSWORD)
    page = partner.visitor.get("/members").text
    person_id = re.findall(r"/members/(per_\w+)/remove", page)[0]

    assert "The role is developer" in partner.visitor.submit(f"/{person_id}/role", role="developer").text
    assert newcomer.get("/sandbox/keys").status_code == 200
    assert "Removed." in partner.visitor.submit(f"/{person_id}/remove").text
    assert newcomer.peek("/sandbox/keys").location.startswith("/login")


def test_organisation_is_handed_over_and_left(partner: Partner, new_visitor: NewVisitor) -> None:
    heir, email = new_visitor(), address()
    heir.get(invite(partner, email))
    heir.submit("/account", name="", password=PASSWORD)
    page = partner.visitor.get("/members").text
    assert "Leave Bistro Systems" not in page
    person_id = re.findall(r"/members/(per_\w+)/remove", page)[0]

    refused = partner.visitor.post("/members/transfer", person_id=person_id, confirmation="Bistro")
    assert (refused.status_code, "Type the name of the organisation, Bistro Systems" in refused.text) == (422, True)
    page = partner.visitor.submit("/members/transfer", person_id=person_id, confirmation="Bistro Systems").text
    assert f"{email} is an owner now, and you are a developer." in page
    assert "Invite somebody" not in page

    assert "You have left Bistro Systems." in partner.visitor.submit("/members/leave", word="leave").text
    assert "You belong to no organisation" in partner.visitor.get("/organisations").text
    assert partner.visitor.get("/sandbox/dashboard").status_code == 404


def test_invitation_is_sent_again_later_and_withdrawn(partner: Partner, new_visitor: NewVisitor) -> None:
    email = address()
    link = invite(partner, email)
    answer = partner.visitor.post("/send")
    assert (answer.status_code, "less than a minute old" in answer.text) == (429, True)

    partner.visitor.get("/members")
    assert f"The invitation of {email} was withdrawn." in partner.visitor.submit("/withdraw").text
    assert new_visitor().get(link).status_code == 404


def test_refused_invitation_keeps_what_was_typed(partner: Partner) -> None:
    partner.visitor.get("/members")

    answer = partner.visitor.post("/invitations", email="nobody", role="finance")

    assert answer.status_code == 422
    assert 'value="nobody"' in answer.text
    assert '<option value="finance" selected>' in answer.text


@pytest.mark.compliance("ASVS 5.0 8.1.1")
@pytest.mark.parametrize("path", ["/members/permissions", "/docs/roles"])
def test_matrix_shows_every_permission_of_members_and_none_of_operators(partner: Partner, path: str) -> None:
    html = partner.visitor.get(path).text

    assert html.count('<th role="rowheader" scope="row">') == 33
    assert "Hand the organisation over" in html
    assert "Suspend applications" not in html


def test_operator_gives_restaurants_to_an_organisation_and_takes_them_back(partner: Partner, operator: Visitor) -> None:
    with control_unit():
        name = f"Group {new_id('grp')}"
        create_tenant(environment=Environment.PRODUCTION, application_id=None, name=name, plan_tier="pro")
    operator.get("/admin/organisations?q=bistro")
    links = operator.links("/admin/organisations/org_")
    own = next(link for link in links if partner.email in operator.get(link).text)
    operator.get(f"{own}?restaurants={name}")
    tenant_id = re.findall(r'name="tenant_id" value="(tn_\w+)"', operator.page.text if operator.page else "")[0]

    assert f"{name} belongs to this organisation now." in operator.submit("/restaurants", tenant_id=tenant_id).text
    assert f"{name} belongs to your organisation now" in partner.visitor.get("/notices").text
    assert "tenant.assigned" in partner.visitor.get("/audit").text
    assert f"{name} belongs to nobody now." in operator.submit(f"{tenant_id}/release").text
    assert operator.get("/admin/organisations?q=no+such+name+anywhere").text.count("Nothing found") == 1
