"""The views of the documentation. Anyone may read them; who is signed in sees their own key's ends in the quickstart."""

from datetime import timedelta
from typing import Any

from flask import render_template

from accounts.keys.catalog import PRESETS
from accounts.keys.models import ApiKey
from accounts.keys.service import list_keys
from accounts.oauth import pushed
from accounts.oauth import refreshing
from accounts.oauth.codes import LASTS as CODE_LASTS
from accounts.oauth.redirects import RULE as REDIRECT_RULE
from accounts.oauth.service import DEVICE_CODE
from accounts.oauth.service import TOKEN_LASTS_S
from accounts.organisations.models import ROLES
from accounts.organisations.permissions import ROLE_MEANINGS
from accounts.organisations.permissions import groups
from accounts.plans.scopes import SCOPES
from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.metrics import TARGET
from accounts.webhooks.reasons import NAMED
from accounts.webhooks.service import OVERLAP
from api.core.schemas import PageQuery
from api.idempotency import RETENTION_US
from api.limits import Verdict
from api.oauth.grants import OUTCOMES
from api.operations import gate_settings
from api.places import is_located
from api.proofs import ALGORITHMS
from api.versions import CURRENT
from api.versions import HEADERS
from api.versions import VERSIONS
from kit.errors import NotFound
from kit.page import VALID_S
from portal.docs import errors
from portal.docs import events
from portal.docs import examples
from portal.docs import plans
from portal.docs import receiving
from portal.docs import reference
from portal.docs import sandbox
from portal.docs import versions
from portal.keys import PRESET_LABELS
from portal.keys import state_of
from portal.pages import Access
from portal.pages import Visit
from portal.pages import page
from sandbox.listeners import AWAY_US
from sandbox.listeners import SECOND_US

EXAMPLE_VERDICT = Verdict("read", limit=120, remaining=117, reset_s=41, epoch=None, burst=120, day_quota=50_000)


@page("/docs", access=Access.PUBLIC)
def show_quickstart(visit: Visit) -> str:
    """From a key to a first call, and the rules every call follows."""
    example = errors.entries()[422]
    return render_template(
        "portal/docs/quickstart.html", key=_own_key(visit), paging=_paging(), cursor_hours=VALID_S // 3600,
        idempotency_hours=RETENTION_US // 3_600_000_000, version=CURRENT, version_header=HEADERS[0],
        limit_headers=EXAMPLE_VERDICT.headers(), most_bytes=gate_settings.max_body_bytes,
        refusal=next(entry for entry in example if entry.code == "unknown_item"),
    )  # fmt: skip


@page("/docs/errors", access=Access.PUBLIC)
def show_errors(visit: Visit) -> str:
    """Every error code: what it means and what to do."""
    return render_template("portal/docs/errors.html", groups=errors.entries())


@page("/docs/plans", access=Access.PUBLIC)
def show_plans(visit: Visit) -> str:
    """What each plan includes."""
    return render_template("portal/docs/plans.html", tables=plans.tables(), columns=plans.COLUMNS, schedules=events.schedules())


@page("/docs/events", access=Access.PUBLIC)
def show_events(visit: Visit) -> str:
    """Webhooks: types, envelope, signature, retries."""
    return render_template(
        "portal/docs/events.html", groups=events.types_by_scope(), count=len(EVENT_TYPES), envelope=events.envelope(),
        example=events.example(), schedules=events.schedules(), overlap_hours=OVERLAP // timedelta(hours=1),
        timeout=receiving.shortest_timeout(), languages=receiving.LANGUAGES, operators=events.operators(),
        filters_example=events.filters_example(), reasons=NAMED, target=TARGET,
    )  # fmt: skip


@page("/docs/webhooks/verify", access=Access.PUBLIC)
def show_receiving(visit: Visit) -> str:
    """Functions that verify webhooks, what their refusals mean, and how to notice what came before."""
    return render_template(
        "portal/docs/receiving.html", languages=receiving.LANGUAGES, source=receiving.source, refusals=receiving.REFUSALS,
        longest_days=receiving.longest_days(), overlap_hours=OVERLAP // timedelta(hours=1),
        timeout=receiving.shortest_timeout(),
    )  # fmt: skip


@page("/docs/scopes", access=Access.PUBLIC)
def show_scopes(visit: Visit) -> str:
    """Every scope, what it opens, and the ready-made selections."""
    opened: dict[str, list[reference.Entry]] = {}
    for entry in reference.entries():
        opened.setdefault(entry.scope, []).append(entry)
    return render_template(
        "portal/docs/scopes.html", scopes=SCOPES, opened=opened,
        presets=[(PRESET_LABELS[name], scopes) for name, scopes in PRESETS.items()],
        located=[entry for entry in reference.entries() if is_located(entry.operation)],
    )  # fmt: skip


@page("/docs/roles", access=Access.PUBLIC)
def show_roles(visit: Visit) -> str:
    """What each role of an organisation may do."""
    return render_template("portal/docs/roles.html", groups=groups(), roles=ROLES, meanings=ROLE_MEANINGS)


@page("/docs/oauth", access=Access.PUBLIC)
def show_oauth(visit: Visit) -> str:
    """How restaurants let an application in, and what it does with the code and the tokens."""
    day = timedelta(days=1)
    return render_template(
        "portal/docs/oauth.html", rule=REDIRECT_RULE, code_s=int(CODE_LASTS.total_seconds()), token_minutes=TOKEN_LASTS_S // 60,
        idle_days=refreshing.IDLE // day, family_days=refreshing.LASTS // day, device_code=DEVICE_CODE,
        device_errors=[(outcome.value, words) for outcome, words in OUTCOMES.items()],
        pushed_s=int(pushed.LASTS.total_seconds()), algorithms=list(ALGORITHMS),
        decide_minutes=pushed.DECIDED_WITHIN // timedelta(minutes=1),
    )  # fmt: skip


@page("/docs/reference", access=Access.PUBLIC)
def show_reference(visit: Visit) -> str:
    """Every operation in one line."""
    return render_template("portal/docs/reference.html", areas=reference.areas().values())


@page("/docs/reference/<area>", access=Access.PUBLIC)
def show_area(visit: Visit, area: str) -> str:
    """The operations of one area with their parameters and fields."""
    found = reference.areas().get(area)
    if found is None:
        raise NotFound("The reference has no such page.")
    return render_template("portal/docs/area.html", area=found, areas=reference.areas().values())


@page("/docs/examples", access=Access.PUBLIC)
def show_examples(visit: Visit) -> str:
    """Whole scripts that do a real job."""
    return render_template("portal/docs/examples.html", examples=examples.examples())


@page("/docs/versions", access=Access.PUBLIC)
def show_versions(visit: Visit) -> str:
    """What each version changed and how to stay with one."""
    return render_template(
        "portal/docs/versions.html", releases=versions.releases(), current=CURRENT, oldest=VERSIONS[0], headers=HEADERS
    )


@page("/docs/sandbox", access=Access.PUBLIC)
def show_sandbox(visit: Visit) -> str:
    """Everything that can be made to happen in a sandbox."""
    return render_template(
        "portal/docs/sandbox.html", area=reference.areas()["sandbox"], profiles=sandbox.profiles(), magic=sandbox.magic(),
        scenarios=sandbox.scenarios(), effects=sandbox.EFFECT_TEXTS.items(), clock=sandbox.CLOCK_TEXTS.values(),
        listener_wait_s=plans.SANDBOX.delivery_timeout_s, listener_away_s=AWAY_US // SECOND_US,
    )  # fmt: skip


def _own_key(visit: Visit) -> ApiKey | None:
    """The newest sandbox key that works, for a reader who has one."""
    if visit.chosen_side is None:
        return None
    return next((key for key in list_keys(visit.side) if state_of(key) == "active"), None)


def _paging() -> dict[str, Any]:
    """The bounds of `limit` as every list has them."""
    limit = PageQuery().fields["limit"]
    bounds = next(check for check in limit.validators if hasattr(check, "max"))
    return {"usual": limit.load_default, "least": bounds.min, "most": bounds.max}  # type: ignore[attr-defined]
