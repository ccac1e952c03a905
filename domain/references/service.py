"""Naming objects for other products and finding them by those names.

A reference in a query is `<product>[:<type>]:<id>`, e.g. `tablespot:res_789` or `tabletrack:order:62`.
"""

from domain.references import queries
from domain.references.models import Reference
from kit.documents import append
from kit.errors import BadRequest
from kit.scope import Scope

PRODUCTS = frozenset({"tablespot", "tabletrack", "tablecheck", "onetablet", "partner"})


def add_reference(scope: Scope, *, product: str, noun: str, value: str, object_id: str) -> None:
    """Name an object. The caller knows that the name is new; a taken one breaks the primary key."""
    row = {"id": reference_id(product, noun, value), "product": product, "noun": noun, "value": value, "object_id": object_id}
    append(scope, Reference, [row])


def find_object(scope: Scope, *, product: str, noun: str, value: str) -> str | None:
    """The id of the object with this name, or None."""
    row = queries.object_of.row(scope, ref=reference_id(product, noun, value))
    return None if row is None else str(row[0])


def reference_id(product: str, noun: str, value: str) -> str:
    """The primary key of a name."""
    return f"{product}:{noun}:{value}"


def parse_reference(text: str, *, noun: str) -> str:
    """Turn a `ref=` parameter of a list of `noun` into the primary key of a name.

    Raises BadRequest (400) for another form, an unknown product or another type than the list's.
    """
    product, _, rest = text.partition(":")
    kind, colon, value = rest.rpartition(":")
    if product not in PRODUCTS or not value or (colon and kind != noun):
        products = ", ".join(sorted(PRODUCTS))
        raise BadRequest(f"Expected <product>[:{noun}]:<id>, a product being one of {products}.", parameter="ref")
    return reference_id(product, noun, value)
