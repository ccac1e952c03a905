"""What is in the sandbox: its restaurant, things to try, its clock, and the way back to the beginning."""

from flask import render_template
from flask import url_for
from werkzeug import Response

from api.limits import limiter
from domain.locations import service as locations
from domain.menus import service as menus
from domain.orders import service as orders
from kit.unit import control
from kit.unit import tenant_now
from portal import forms
from portal.pages import Plane
from portal.pages import Visit
from portal.pages import page
from sandbox import service as sandbox
from sandbox.endpoints import after_reset

SHOWN = 12


@page("/sandbox/data", permission="data.read", plane=Plane.READ)
def show_data(visit: Visit) -> str:
    """Locations, items and orders as they are now, with lines to try."""
    return render_template(
        "portal/data/show.html", locations=locations.list_locations(visit.scope, limit=SHOWN, after=None)[:SHOWN],
        items=menus.list_items(visit.scope, limit=SHOWN, after=None)[:SHOWN],
        orders=orders.list_orders(visit.scope, limit=SHOWN, after=None)[:SHOWN], shown=SHOWN, clock=tenant_now(visit.scope),
        is_frozen=sandbox.state(visit.scope)["clock"]["mode"] == "frozen",
    )  # fmt: skip


@page("/sandbox/data/reset", methods=("POST",), permission="data.reset", plane=Plane.WRITE, form="show_data")
def reset_data(visit: Visit) -> Response:
    """Throw away the restaurant data and build it again. Needs the word typed, since nothing brings the data back."""
    if forms.text("confirmation", label="The word reset", longest=20).lower() != "reset":
        raise forms.refuse("confirmation", "Type the word reset to confirm.")
    sandbox.reset(visit.scope)
    scope = visit.scope

    def finish() -> None:
        after_reset(scope.tenant_id)
        limiter.forget(f"{scope.environment}:{scope.tenant_id}:")

    control().after_commit.append(finish)
    return forms.done("The sandbox is as on its first day. Keys, endpoints and logs stayed.", url_for("portal.show_data"))
