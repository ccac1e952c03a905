"""A Loader and its schema agree on every body: the same result, or the same refusal."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from marshmallow import Schema
from marshmallow import ValidationError

from api.core import RESOURCES
from api.core.schemas import OrderIn
from api.core.schemas import OrderPatch
from api.core.schemas import OrderQuery
from api.core.schemas import PaymentIn
from api.loading import Loader
from api.operations import operations

ORDER = {
    "location_id": "loc_1", "external_id": None, "tip": 5, "metadata": {"a": "b"},
    "fulfillment": {"type": "delivery", "requested_at": "2026-01-12T12:00:00Z", "address": {"line1": "x", "city": "y", "lat": 1}},
    "items": [
        {"menu_item_id": "itm_1", "quantity": 2, "modifiers": [{"modifier_id": "mod_1"}, {"name": "Dip", "price": 1}]},
        {"name": "Open", "price": Decimal("4.50"), "notes": None},
    ],
    "discounts": [{"type": "percent", "value": Decimal("12.5")}],
}  # fmt: skip
SCHEMAS = sorted({s for o in operations if RESOURCES for s in (o.body, o.query) if s}, key=lambda schema: schema.__name__)
words = st.sampled_from(["", "pickup", "delivery", "cash", "api", "accepted", "loc_1", "2026-01-12T12:00:00Z", "x\x00", "é"])
scalars = st.none() | st.booleans() | st.integers(-2, 1200) | st.decimals(-1, 99, places=2) | words
few = {"max_size": 2}
values = st.recursive(scalars, lambda inner: st.lists(inner, **few) | st.dictionaries(words, inner, **few), max_leaves=4)


def outcome(load: Any, body: Any) -> Any:
    try:
        return load(body)
    except ValidationError as error:
        return error.normalized_messages()


def test_loader_accepts_a_whole_order_without_asking_the_schema() -> None:
    assert Loader(OrderIn()).quickly(ORDER) == OrderIn().load(ORDER)


@pytest.mark.parametrize(
    ("schema", "base", "given_values"),
    [(OrderIn, ORDER, values), (OrderPatch, {}, values), (PaymentIn, {}, values), (OrderQuery, {}, words)],
    ids=["OrderIn", "OrderPatch", "PaymentIn", "OrderQuery"],
)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_loader_agrees_with_its_schema_on_any_body(
    schema: type[Schema], base: dict[str, Any], given_values: Any, data: st.DataObject
) -> None:
    names = st.sampled_from([*schema().load_fields, "unknown"])
    body = {**base, **data.draw(st.dictionaries(names, given_values, max_size=3))}
    assert outcome(Loader(schema()).load, body) == outcome(schema().load, body)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.__name__)
def test_loader_agrees_with_every_schema_on_nothing_and_on_nonsense(schema: type[Schema]) -> None:
    for body in ({}, {"unknown": 1}, dict.fromkeys(schema().load_fields)):
        assert outcome(Loader(schema()).load, body) == outcome(schema().load, body)
