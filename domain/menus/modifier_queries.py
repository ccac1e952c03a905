"""Registered reads of modifier groups, modifiers, how groups nest, taxes and extra charges."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import select

from domain.menus.models import ExtraCharge
from domain.menus.models import GroupPlacement
from domain.menus.models import Modifier
from domain.menus.models import ModifierGroup
from domain.menus.models import Tax
from domain.menus.sql import currency_of
from domain.menus.sql import group_currency
from domain.menus.sql import ordered
from domain.menus.sql import ordered_ids
from domain.menus.sql import own_columns
from domain.menus.sql import paged
from domain.menus.sql import sold_at
from domain.menus.sql import text_param
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import one_of

groups = ModifierGroup.__table__
placements = GroupPlacement.__table__
modifiers = Modifier.__table__
taxes = Tax.__table__
charges = ExtraCharge.__table__


def _nested_group_ids() -> Any:
    return ordered_ids(
        placements.c.group_id,
        (placements.c.tenant_id == TENANT, placements.c.modifier_id == modifiers.c.id),
        (placements.c.sort, placements.c.group_id),
        modifiers,
    )


def _group_document() -> Any:
    options = ordered(
        fields_of(*own_columns(modifiers), group_ids=_nested_group_ids()),
        (modifiers.c.tenant_id == TENANT, modifiers.c.group_id == groups.c.id),
        (modifiers.c.sort, modifiers.c.id),
        groups,
    )
    item_ids = ordered_ids(
        placements.c.item_id,
        (placements.c.tenant_id == TENANT, placements.c.group_id == groups.c.id, placements.c.item_id.is_not(None)),
        (placements.c.item_id,),
        groups,
    )
    return as_document(
        fields_of(
            *own_columns(groups, "currency"), currency=group_currency(groups), modifiers=options, item_ids=item_ids,
            refs=as_json(refs_of(groups.c.id, groups)),
        )
    )  # fmt: skip


def _groups(is_named: bool, is_continued: bool) -> Any:
    statement = select(_group_document()).where(groups.c.tenant_id == TENANT)
    if is_named:
        statement = statement.where(is_called(groups.c.id, groups))
    return paged(statement, groups.c.sort, groups.c.id, BigInteger, is_continued)


def _modifier() -> Any:
    currency = (
        select(group_currency(groups))
        .where(groups.c.tenant_id == TENANT, groups.c.id == modifiers.c.group_id)
        .correlate(modifiers)
        .scalar_subquery()
    )
    document = fields_of(*own_columns(modifiers), currency=currency, group_ids=_nested_group_ids())
    return select(as_document(document)).where(modifiers.c.tenant_id == TENANT, modifiers.c.id == text_param("modifier_id"))


def _nestings() -> Any:
    """(outer group, group nested under one of its modifiers) of the whole tenant."""
    return (
        select(modifiers.c.group_id, placements.c.group_id)
        .join(modifiers, and_(modifiers.c.tenant_id == TENANT, modifiers.c.id == placements.c.modifier_id))
        .where(placements.c.tenant_id == TENANT)
        .distinct()
    )


def _taxes(is_named: bool, is_continued: bool) -> Any:
    statement = select(_tax_document()).where(taxes.c.tenant_id == TENANT)
    if is_named:
        statement = statement.where(is_called(taxes.c.id, taxes))
    return paged(statement, taxes.c.name, taxes.c.id, Text, is_continued)


def _tax_document() -> Any:
    return as_document(fields_of(*own_columns(taxes), refs=as_json(refs_of(taxes.c.id, taxes))))


def _charge_document() -> Any:
    return as_document(
        fields_of(
            *own_columns(charges), type=charges.c.kind, currency=currency_of(charges),
            refs=as_json(refs_of(charges.c.id, charges)),
        )
    )  # fmt: skip


def _charges(is_at_location: bool, is_named: bool, is_continued: bool) -> Any:
    statement = select(_charge_document()).where(charges.c.tenant_id == TENANT)
    if is_at_location:
        statement = statement.where(sold_at(charges))
    if is_named:
        statement = statement.where(is_called(charges.c.id, charges))
    return paged(statement, charges.c.name, charges.c.id, Text, is_continued)


group = registered_read(
    "menus.group",
    lambda: select(_group_document()).where(groups.c.tenant_id == TENANT, groups.c.id == text_param("group_id")),
)
group_list = registered_read("menus.groups", _groups, example=(True, True))
group_locks = registered_read(
    "menus.group_locks",
    lambda: select(groups.c.id).where(groups.c.tenant_id == TENANT).order_by(groups.c.id).with_for_update(),
)
modifier = registered_read("menus.modifier", _modifier)
nestings = registered_read("menus.nestings", _nestings)
items_offering = registered_read(
    "menus.items_offering",
    lambda: (
        select(placements.c.item_id)
        .where(
            placements.c.tenant_id == TENANT, placements.c.item_id.is_not(None),
            one_of(placements.c.group_id, text_param("group_ids")),
        )
        .distinct()
    ),
)  # fmt: skip
tax = registered_read(
    "menus.tax", lambda: select(_tax_document()).where(taxes.c.tenant_id == TENANT, taxes.c.id == text_param("tax_id"))
)
tax_list = registered_read("menus.taxes", _taxes, example=(True, True))
charge = registered_read(
    "menus.charge",
    lambda: select(_charge_document()).where(charges.c.tenant_id == TENANT, charges.c.id == text_param("charge_id")),
)
charge_list = registered_read("menus.charges", _charges, example=(True, True, True))
