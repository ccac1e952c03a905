"""The watch itself: each kind of broken promise is noticed."""

import httpx
import orjson
import pytest
from flask import Flask

from tests.support import promises
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




def test_answer_of_an_application_that_lies_is_noticed(app: Flask) -> None:
    liar = Flask("liar")
    liar.add_url_rule("/v1/orders", view_func=lambda: {**PAGE, "data": "none"})
    promises.watch(liar)
    liar.test_client().get("/v1/orders")
    assert found() == ["GET /v1/orders -> 200: $.data: 'none' is not of type 'array'"]


def test_answer_of_another_process_that_lies_is_noticed(app: Flask) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": []}))
    with httpx.Client(base_url="http://liar", transport=transport, event_hooks={"response": [promises.judge_live]}) as client:
        client.get("/v1/orders?limit=1")
    assert found() == [f"GET /v1/orders -> 200: $: '{name}' is a required property" for name in ("has_more", "next_cursor")]


def found() -> list[str]:
    """What the watch has collected, taken away so that this test does not fail for it."""
    taken = list(promises.seen)
    promises.seen.clear()
    return taken
