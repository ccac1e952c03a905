"""The watch itself: each kind of broken promise is noticed."""

import orjson
import pytest

from tests.support.promises import broken

PAGE = {"data": [], "has_more": False, "next_cursor": None}
JSON, PROBLEM = "application/json", "application/problem+json"


@pytest.mark.parametrize(
    ("path", "status", "mimetype", "body", "said"),
    [
        ("/v1/orders", 200, JSON, PAGE, []),
        ("/v1/orders", 200, JSON, PAGE | {"surplus": 1}, ["GET /v1/orders -> 200: $: "]),
        ("/v1/orders", 200, JSON, {"data": []}, ["'has_more'", "'next_cursor'"]),
        ("/v1/orders", 200, JSON, PAGE | {"data": [{"id": 1}]}, ["$.data[0]"] * 5),
        ("/v1/orders", 418, JSON, {}, ["does not say that it answers 418"]),
        ("/v1/orders", 200, "text/html", PAGE, ["text/html instead of application/json"]),
        ("/v1/orders", 404, PROBLEM, {"code": "resource_not_found"}, ["required property"] * 5),
        ("/v1/nowhere", 200, JSON, {}, ["no such operation"]),
        ("/v1/orders", 503, JSON, {}, []),
    ],
    ids=["kept", "surplus", "missing", "row", "status", "type", "problem", "unknown", "failure"],
)
def test_answer_is_judged(app: object, path: str, status: int, mimetype: str, body: object, said: list[str]) -> None:
    found = broken("GET", path, status, mimetype, orjson.dumps(body))
    assert len(found) == len(said)
    for one, words in zip(found, said, strict=True):
        assert words in one


