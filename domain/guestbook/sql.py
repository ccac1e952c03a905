"""SQL of the guestbook's own: changing the JSON of orders and carts, in both dialects."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class without_address(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """An order's `fulfillment` with its address null."""

    inherit_cache = True
    name = "without_address"


@compiles(without_address)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_set({compiler.process(element.clauses, **kw)}, '$.address', json('null'))"


@compiles(without_address, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"jsonb_set({compiler.process(element.clauses, **kw)}, '{{address}}', 'null'::jsonb)"
