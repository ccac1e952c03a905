"""Figures other systems add: a metric, a value, what it is about, and when. Written once, read back, never changed."""

from decimal import Decimal
from typing import Any

from domain.analytics import record_queries as queries
from domain.analytics.models import AnalyticsRecord
from domain.locations.service import get_location
from kit.documents import Document
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.newest import newest_documents
from kit.scope import Scope
from kit.unit import tenant_now_us


def add_record(
    scope: Scope, *, metric: str, value: Decimal, at_us: int | None = None, currency: str | None = None,
    location_id: str | None = None, dimensions: dict[str, str] | None = None,
) -> Document:  # fmt: skip
    """Keep one figure and return its document; `value` in it is the exact decimal as text.

    at_us None: now. Raises NotFound for the location.
    """
    if location_id is not None:
        get_location(scope, location_id=location_id)
    now, record_id = tenant_now_us(scope), new_id("anr")
    append(scope, AnalyticsRecord, [{
        "id": record_id, "metric": metric, "value": f"{value:f}", "currency": currency, "location_id": location_id,
        "dimensions": dimensions or {}, "at": now if at_us is None else at_us, "source": scope.application_id or "",
        "created_at": now,
    }])  # fmt: skip
    return get_record(scope, record_id=record_id)


def get_record(scope: Scope, *, record_id: str) -> Document:
    """Read one figure. Raises NotFound."""
    document = queries.one.document(scope, record_id=record_id)
    if document is None:
        raise NotFound(f"There is no analytics record {record_id}.")
    return document


def list_records(
    scope: Scope, *, limit: int, after: list[Any] | None = None, metric: str | None = None,
    location_id: str | None = None, from_us: int | None = None, to_us: int | None = None,
) -> list[Document]:  # fmt: skip
    """List up to limit + 1 figures, latest first. `after` is [at in us, id] of the last one before."""
    given = {"metric": metric, "location_id": location_id, "from_us": from_us, "to_us": to_us}
    return newest_documents(queries.listed, scope, limit=limit, after=after, filters=given)
