"""SQL that looks into the JSON of guests, in both dialects."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class consent_status(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """The status of one consent channel in a guest's `consents`; NULL where nothing was said.

    The channel is part of the statement, so it must be one of our own words.
    """

    inherit_cache = True
    name = "consent_status"

    def __init__(self, column: Any, channel: str) -> None:
        super().__init__(column)
        self.channel = channel


@compiles(consent_status)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **kw)}, '$.{element.channel}.status')"


@compiles(consent_status, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(({compiler.process(element.clauses, **kw)}) -> '{element.channel}' ->> 'status')"
