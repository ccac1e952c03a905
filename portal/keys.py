"""API keys of one environment: list, create, roll, revoke. A key's text is shown on the next page and never again."""

from typing import Any

from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.applications.service import MAX_PLACES
from accounts.keys import service as keys
from accounts.keys.catalog import PRESETS
from accounts.keys.catalog import RESOURCES
from accounts.keys.catalog import SCOPES
from accounts.keys.models import ApiKey
from accounts.logs.service import counts_by_credential
from accounts.plans.scopes import scopes_of
from api.versions import VERSIONS
from domain.locations.service import list_locations
from kit.clock import DAY_US
from kit.clock import now
from kit.clock import now_us
from portal import forms
from portal import secrets_once
from portal.pages import ENV
from portal.pages import Plane
from portal.pages import Visit
from portal.pages import looked_up_at
from portal.pages import page

GRACES = (
    ("3600", "Works for 1 more hour"), ("86400", "Works for 24 more hours"), ("604800", "Works for 7 more days"),
    ("0", "Stops working now"),
)  # fmt: skip
PRESET_LABELS = {
    "read_only": "Read only", "pos": "POS", "ordering_channel": "Ordering channel", "crm": "CRM", "bi": "Reporting",
    "full": "Everything",
}  # fmt: skip


@page(f"{ENV}/keys", permission="keys.read")
def show_keys(visit: Visit) -> str:
    """Every key of this environment and the form for a new one."""
    if not visit.side.tenant_id:
        return render_template("portal/waiting.html", is_building=False)
    offered = visit.side.scopes
    preset = request.args.get("preset", "")
    picked = set(request.form.getlist("scopes")) if visit.refusal else offered & set(PRESETS.get(preset, ()))
    found = keys.list_keys(visit.side)
    return render_template(
        "portal/keys/list.html", keys=[(key, state_of(key)) for key in found], once=secrets_once.take("keys"),
        grid=grid_of(offered), picked=picked, presets=PRESET_LABELS, preset=preset, descriptions=SCOPES,
        offered_count=len(offered), places=_places(visit), chosen=forms.many("location_ids") if visit.refusal else (),
    )  # fmt: skip


@page(f"{ENV}/keys", methods=("POST",), permission="keys.write", form="show_keys", step_up=True)
def create_key(visit: Visit) -> Response:
    """Issue a key and carry its text to the list, where it is shown once."""
    issued = keys.create_key(
        visit.side,
        name=forms.text("name", label="Name", longest=80),
        scopes=forms.many("scopes"),
        expires_at=forms.day_end("expires_at", label="Expiry"),
        allowed_ips=forms.words("allowed_ips"),
        allow_open_items=forms.is_ticked("allow_open_items"),
        location_ids=_chosen_places(visit),
    )
    return _reveal(issued, f"{issued.key.name} is ready")


@page(f"{ENV}/keys/<key_id>", permission="keys.read", plane=Plane.READ)
def show_key(visit: Visit, key_id: str) -> str:
    """One key: what it may do, its use beside that of the key it replaces, and how to roll or revoke it."""
    key = keys.get_key(visit.side, key_id=key_id)
    calls = counts_by_credential(visit.scope, since_us=now_us() - DAY_US)
    replaced = next((other for other in keys.list_keys(visit.side) if other.rolled_into_id == key.id), None)
    return render_template(
        "portal/keys/show.html", key=key, key_state=state_of(key), graces=GRACES, descriptions=SCOPES,
        is_full=set(key.scopes) == scopes_of(visit.environment), calls=calls, replaced=replaced,
        versions=[(version, version) for version in VERSIONS], places=dict(_known_places(visit)),
    )  # fmt: skip


@page(f"{ENV}/keys/<key_id>/roll", methods=("POST",), permission="keys.write", form="show_key", step_up=True)
def roll_key(visit: Visit, key_id: str) -> Response:
    """Replace a key; the old one works until its grace has passed."""
    grace_s = int(forms.choice("grace_s", tuple(value for value, _ in GRACES), label="Old key"))
    issued = keys.roll_key(visit.side, key_id=key_id, grace_s=grace_s)
    return _reveal(issued, f"{issued.key.name} was rolled")


@page(f"{ENV}/keys/<key_id>/version", methods=("POST",), permission="keys.write", form="show_key")
def change_key_version(visit: Visit, key_id: str) -> Response:
    """Have a key speak another version of the API."""
    version = forms.choice("api_version", VERSIONS, label="API version")
    key = keys.change_version(visit.side, key_id=key_id, api_version=version)
    return forms.done(f"{key.name} speaks {version} from its next call on.", url_for("portal.show_key", key_id=key_id))


@page(f"{ENV}/keys/<key_id>/revoke", methods=("POST",), permission="keys.write", form="show_key")
def revoke_key(visit: Visit, key_id: str) -> Response:
    """End a key at once."""
    key = keys.revoke_key(visit.side, key_id=key_id)
    return forms.done(f"{key.name} was revoked. Calls with it are refused from now on.", url_for("portal.show_keys"))


def _places(visit: Visit) -> list[tuple[str, str]]:
    """The tenant's locations, (id, name), for the form that restricts a key to some of them."""
    if not visit.is_ready:
        return []
    found = looked_up_at(visit.scope, list_locations, limit=MAX_PLACES, after=None)
    return [(location["id"], location["name"]) for location in found]


def _known_places(visit: Visit) -> list[tuple[str, str]]:
    """Like _places, in the transaction of the tenant's plane that the page has."""
    found = list_locations(visit.scope, limit=MAX_PLACES, after=None)
    return [(location["id"], location["name"]) for location in found]


def _chosen_places(visit: Visit) -> list[str]:
    """The locations that were ticked. Raises Invalid (422) for one that is not the tenant's."""
    wanted = forms.many("location_ids")
    if wanted and not set(wanted) <= {location_id for location_id, _ in _places(visit)}:
        raise forms.refuse("location_ids", "Locations: pick some of the offered ones.")
    return wanted


def state_of(key: ApiKey) -> str:
    """active, held (beyond the plan), expiring (rolled, in its grace), expired or revoked."""
    if key.revoked_at:
        return "revoked"
    if key.expires_at and key.expires_at <= now():
        return "expired"
    if key.held_at:
        return "held"
    return "expiring" if key.rolled_into_id else "active"


def _reveal(issued: Any, title: str) -> Response:
    secrets_once.put("keys", text=issued.text, title=title)
    return redirect(url_for("portal.show_keys"))


def grid_of(offered: frozenset[str]) -> list[tuple[str, dict[str, str]]]:
    """Rows of the form: a resource and its offered actions, action → scope."""
    rows = []
    for resource, actions in RESOURCES.items():
        cells = {action: f"{resource}:{action}" for action in actions if f"{resource}:{action}" in offered}
        if cells:
            rows.append((resource, cells))
    return rows
