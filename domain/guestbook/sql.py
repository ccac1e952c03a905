"""SQL of the guestbook's own: taking a value out of the JSON of orders, bookings and carts, in both dialects."""

from typing import Any

from sqlalchemy import literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class without_value(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """A JSON column with the value of one key null. Where the key is missing, or there is no object, it is as it was."""

    inherit_cache = True
    name = "without_value"

    def __init__(self, column: Any, key: str) -> None:
        super().__init__(column, literal_column(f"'{key}'"))


@compiles(without_value)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    column, key = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json_replace({column}, '$.' || {key}, json('null'))"


@compiles(without_value, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    column, key = (compiler.process(clause, **kw) for clause in element.clauses)
    changed = f"jsonb_set({column}, ARRAY[{key}], 'null'::jsonb, false)"
    return f"CASE WHEN jsonb_typeof({column}) = 'object' THEN {changed} ELSE {column} END"
