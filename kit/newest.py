"""Lists that go back from the newest row, a page at a time: how their statement ends, and how it is asked for a page.

A position is [instant in us, id] of the last row of the page before. The cursors that carry positions are kit.page's.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import tuple_

from kit.documents import Document
from kit.documents import Registered
from kit.scope import Scope


def newest_first(statement: Any, instant: Any, row_id: Any, *, is_continued: bool) -> Any:
    """End a statement: newest first, after the position (parameters after_us, after_id), `rows` rows at most."""
    if is_continued:
        last = tuple_(bindparam("after_us", type_=BigInteger), bindparam("after_id", type_=Text))
        statement = statement.where(tuple_(instant, row_id) < last)
    return statement.order_by(instant.desc(), row_id.desc()).limit(bindparam("rows", type_=BigInteger))


def newest_documents(
    listed: Registered, scope: Scope, *, limit: int, after: list[Any] | None, filters: Mapping[str, Any], **parameters: Any
) -> list[Document]:
    """Up to limit + 1 documents of a list whose shape is (names of the filters used, whether it is continued).

    filters: None leaves one out. parameters: what the statement takes besides.
    """
    used = {name: value for name, value in filters.items() if value is not None}
    after_us, after_id = after or (None, None)
    return listed.documents(
        scope, tuple(used), after is not None, **used, **parameters, after_us=after_us, after_id=after_id, rows=limit + 1
    )
