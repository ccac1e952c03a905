"""SQL this capability needs and neither database spells like the other."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy import literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class member_text(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """The text of a JSON column's member. Its name is a constant of ours, never a caller's text."""

    inherit_cache = True
    name = "member_text"
    type = Text()


def text_of(column: Any, name: str) -> Any:
    """SQL: the text of member `name` of a JSON object, NULL when it is absent."""
    return member_text(column, literal_column(f"'{name}'"))


@compiles(member_text)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    column, name = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({column} ->> {name})"
