import pytest

from domain.references import service as references
from kit.errors import BadRequest
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.worker.rows import NewScope


def test_object_is_found_by_its_name_and_by_no_other_tenant(scope: Scope, new_scope: NewScope):
    with unit_of_work(scope):
        references.add_reference(scope, product="tablespot", noun="reservation", value="res_789", object_id="res_1")
    name = {"product": "tablespot", "noun": "reservation", "value": "res_789"}
    with unit_of_work(scope, writes=False):
        assert references.find_object(scope, **name) == "res_1"
        assert references.find_object(scope, **name | {"noun": "order"}) is None
    other = new_scope()
    with unit_of_work(other, writes=False):
        assert references.find_object(other, **name) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tablespot:res_789", "tablespot:order:res_789"),
        ("tabletrack:order:62", "tabletrack:order:62"),
        ("onetablet:a:b", None),
        ("tabletrack:reservation:62", None),
        ("till:1", None),
        ("tablespot:", None),
        ("tablespot", None),
        ("", None),
    ],
)
def test_reference_is_read_or_refused(text: str, expected: str | None):
    if expected is None:
        with pytest.raises(BadRequest) as refused:
            references.parse_reference(text, noun="order")
        assert refused.value.data == {"parameter": "ref"}
    else:
        assert references.parse_reference(text, noun="order") == expected
