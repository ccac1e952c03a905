"""The one statement order creation reads the menu with: what was asked for and nothing else."""

from typing import Any

from sqlalchemy import and_
from sqlalchemy import select
from sqlalchemy import union

from domain.menus.models import ExtraCharge
from domain.menus.models import GroupPlacement
from domain.menus.models import MenuItem
from domain.menus.models import Modifier
from domain.menus.models import ModifierGroup
from domain.menus.models import Tax
from domain.menus.models import Variation
from domain.menus.sql import part
from domain.menus.sql import sold_at
from domain.menus.sql import text_param
from kit.documents import TENANT
from kit.documents import registered_read
from kit.json_sql import fields_of
from kit.json_sql import id_list
from kit.json_sql import json_list
from kit.json_sql import one_of

items = MenuItem.__table__
variations = Variation.__table__
groups = ModifierGroup.__table__
placements = GroupPlacement.__table__
modifiers = Modifier.__table__
taxes = Tax.__table__
charges = ExtraCharge.__table__


def _group_ids_of(parent_column: Any, parent: Any) -> Any:
    return part(
        select(id_list(placements.c.group_id))
        .where(placements.c.tenant_id == TENANT, parent_column == parent.c.id)
        .correlate(parent)
    )


def _catalog_items() -> Any:
    offered = part(
        select(json_list(fields_of(variations.c.id, variations.c.name, variations.c.price_minor)))
        .where(variations.c.tenant_id == TENANT, variations.c.item_id == items.c.id)
        .correlate(items)
    )
    item_taxes = items.outerjoin(taxes, and_(taxes.c.tenant_id == TENANT, taxes.c.id == items.c.tax_id))
    document = fields_of(
        items.c.id, items.c.name, items.c.currency, items.c.location_id, items.c.base_price_minor, items.c.tax_id,
        items.c.allergens, items.c.is_active, items.c.schedule, items.c.stock_count, items.c.is_suspended,
        items.c.suspended_until, items.c.suspend_reason, tax_name=taxes.c.name, tax_rate=taxes.c.rate,
        variations=offered, group_ids=_group_ids_of(placements.c.item_id, items),
    )  # fmt: skip
    return (
        select(json_list(document))
        .select_from(item_taxes)
        .where(
            items.c.tenant_id == TENANT,
            one_of(items.c.id, text_param("item_ids")),
            items.c.deleted_at.is_(None),
            sold_at(items),
        )
    )


def _placed_group_ids(parent: Any, parameter: str) -> Any:
    return select(placements.c.group_id).where(placements.c.tenant_id == TENANT, one_of(parent, text_param(parameter)))


def _catalog_groups() -> Any:
    members = part(
        select(id_list(modifiers.c.id))
        .where(modifiers.c.tenant_id == TENANT, modifiers.c.group_id == groups.c.id)
        .correlate(groups)
    )
    # Two reads by index: SQLite answers an OR over two columns with a walk over every placement.
    asked = union(
        _placed_group_ids(placements.c.item_id, "item_ids"), _placed_group_ids(placements.c.modifier_id, "modifier_ids")
    )
    document = fields_of(
        groups.c.id, groups.c.name, groups.c.min_selections, groups.c.max_selections, groups.c.is_required,
        modifier_ids=members,
    )  # fmt: skip
    return select(json_list(document)).where(groups.c.tenant_id == TENANT, groups.c.id.in_(asked))


def _catalog_modifiers() -> Any:
    document = fields_of(
        modifiers.c.id, modifiers.c.name, modifiers.c.price_minor, modifiers.c.max_quantity, modifiers.c.group_id,
        modifiers.c.allergens, modifiers.c.stock_count, modifiers.c.is_suspended, modifiers.c.suspended_until,
        modifiers.c.suspend_reason, group_ids=_group_ids_of(placements.c.modifier_id, modifiers),
    )  # fmt: skip
    return select(json_list(document)).where(
        modifiers.c.tenant_id == TENANT, one_of(modifiers.c.id, text_param("modifier_ids"))
    )


def _catalog_charges() -> Any:
    joined = charges.outerjoin(taxes, and_(taxes.c.tenant_id == TENANT, taxes.c.id == charges.c.tax_id))
    document = fields_of(
        charges.c.id, charges.c.name, charges.c.kind, charges.c.value, charges.c.order_types, charges.c.auto_apply,
        charges.c.tax_id, tax_name=taxes.c.name, tax_rate=taxes.c.rate,
    )  # fmt: skip
    return select(json_list(document)).select_from(joined).where(charges.c.tenant_id == TENANT, sold_at(charges))


def _catalog() -> Any:
    default_tax = part(
        select(fields_of(taxes.c.id, taxes.c.name, taxes.c.rate)).where(
            taxes.c.tenant_id == TENANT, taxes.c.id == text_param("default_tax_id")
        )
    )
    return select(
        part(_catalog_items()), part(_catalog_groups()), part(_catalog_modifiers()), part(_catalog_charges()),
        default_tax,
    )  # fmt: skip


catalog = registered_read("menus.catalog", _catalog)
