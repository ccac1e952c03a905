"""Menus, categories, items, variations, modifier groups, modifiers, taxes, extra charges, and jobs that upload menus."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.documents import JsonColumn
from kit.scope import TenantOwned
from kit.scope import Versioned


class Tax(Versioned, TenantOwned):
    """A tax rate. `rate` is a decimal string (0.08 is 8 %), never a float."""

    __tablename__ = "taxes"
    _prefix = "tax"

    name: Mapped[str] = mapped_column(String(80))
    rate: Mapped[str] = mapped_column(String(16))
    country: Mapped[str | None] = mapped_column(String(2))
    code: Mapped[str | None] = mapped_column(String(40))


class ExtraCharge(Versioned, TenantOwned):
    """A service or packaging charge added to orders. value: basis points for percent, minor units for fixed."""

    __tablename__ = "extra_charges"
    _prefix = "chg"

    location_id: Mapped[str | None] = mapped_column(String(64))  # None: every location
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))  # percent | fixed
    value: Mapped[int] = mapped_column(BigInteger)
    order_types: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # empty: all
    tax_id: Mapped[str | None] = mapped_column(String(64))  # None: not taxed
    auto_apply: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint("kind IN ('percent', 'fixed')", name="kind"),
        CheckConstraint("value >= 0", name="value_not_negative"),
    )


class Menu(Versioned, TenantOwned):
    """A named set of categories, offered at one location or (location_id None) at all of them.

    translations: {language: {name, subtitle}}. version_hash changes with everything the menu says about what is sold, and
    not with what is available.
    """

    __tablename__ = "menus"
    _prefix = "mnu"

    location_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    subtitle: Mapped[str | None] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    schedule: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)  # [{days:[0..6], from:"HH:MM", to:"HH:MM"}]
    service_types: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    translations: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    sort: Mapped[int] = mapped_column(default=0)
    version_hash: Mapped[str | None] = mapped_column(String(32))  # None: not computed since the rows were imported
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_menus_location", "tenant_id", "location_id"),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
    )


class Category(Versioned, TenantOwned):
    """A section of one menu."""

    __tablename__ = "menu_categories"
    _prefix = "cat"

    menu_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    subtitle: Mapped[str | None] = mapped_column(String(255))
    translations: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    sort: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        Index("ix_menu_categories_menu", "tenant_id", "menu_id"),
        ForeignKeyConstraint(["tenant_id", "menu_id"], ["menus.tenant_id", "menus.id"]),
    )


class MenuItem(Versioned, TenantOwned):
    """Something to order. stock_count None means untracked; a suspension with no end lasts until it is lifted.

    A deleted item stays as a row, because orders refer to it; nothing lists it any more.
    """

    __tablename__ = "menu_items"
    _prefix = "itm"

    location_id: Mapped[str | None] = mapped_column(String(64))  # None: sold at every location of that currency
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(String(2000))
    translations: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)  # {language: {name, description}}
    currency: Mapped[str] = mapped_column(String(3))
    base_price_minor: Mapped[int] = mapped_column(BigInteger)
    cost_minor: Mapped[int | None] = mapped_column(BigInteger)  # what one costs to make; None: not known
    tax_id: Mapped[str | None] = mapped_column(String(64))
    image_url: Mapped[str | None] = mapped_column(String(1000))
    kind: Mapped[str] = mapped_column(String(10), default="food")  # food | drink | alcohol
    sku: Mapped[str | None] = mapped_column(String(64))
    allergens: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)  # [{code, level}]
    diets: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    calories: Mapped[int | None]
    sort: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    schedule: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)
    stock_count: Mapped[int | None]
    is_suspended: Mapped[bool] = mapped_column(default=False)
    suspended_until: Mapped[datetime | None] = mapped_column(Instant)
    suspend_reason: Mapped[str | None] = mapped_column(String(20))  # manual_86 | stock
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        ForeignKeyConstraint(["tenant_id", "tax_id"], ["taxes.tenant_id", "taxes.id"]),
        CheckConstraint("stock_count IS NULL OR stock_count >= 0", name="stock_not_negative"),
        CheckConstraint("base_price_minor >= 0", name="price_not_negative"),
        CheckConstraint("cost_minor IS NULL OR cost_minor >= 0", name="cost_not_negative"),
        CheckConstraint("kind IN ('food', 'drink', 'alcohol')", name="kind"),
        Index("ix_menu_items_location", "tenant_id", "location_id"),
        Index("ix_menu_items_tax", "tenant_id", "tax_id"),
        Index("ix_menu_items_updated", "tenant_id", "updated_at", "id"),
    )


class CategoryItem(TenantOwned):
    """An item's place in a category; an item may sit in many."""

    __tablename__ = "category_items"
    _prefix = "cit"

    category_id: Mapped[str] = mapped_column(String(64))
    item_id: Mapped[str] = mapped_column(String(64))
    sort: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("tenant_id", "category_id", "item_id"),
        Index("ix_category_items_item", "tenant_id", "item_id"),
        ForeignKeyConstraint(["tenant_id", "category_id"], ["menu_categories.tenant_id", "menu_categories.id"]),
        ForeignKeyConstraint(["tenant_id", "item_id"], ["menu_items.tenant_id", "menu_items.id"]),
    )


class Variation(Versioned, TenantOwned):
    """A size or kind of an item whose price replaces the base price."""

    __tablename__ = "variations"
    _prefix = "var"

    item_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    price_minor: Mapped[int] = mapped_column(BigInteger)
    sku: Mapped[str | None] = mapped_column(String(64))
    stock_count: Mapped[int | None]
    is_default: Mapped[bool] = mapped_column(default=False)
    sort: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("ix_variations_item", "tenant_id", "item_id"),
        ForeignKeyConstraint(["tenant_id", "item_id"], ["menu_items.tenant_id", "menu_items.id"]),
        CheckConstraint("stock_count IS NULL OR stock_count >= 0", name="stock_not_negative"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
    )


class ModifierGroup(Versioned, TenantOwned):
    """A choice offered with an item or under a modifier: between min and max selections."""

    __tablename__ = "modifier_groups"
    _prefix = "mgr"

    name: Mapped[str] = mapped_column(String(255))
    currency: Mapped[str | None] = mapped_column(String(3))  # of its modifiers' prices; None: the first location's
    translations: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)  # {language: {name}}
    min_selections: Mapped[int] = mapped_column(default=0)
    max_selections: Mapped[int] = mapped_column(default=1)
    is_required: Mapped[bool] = mapped_column(default=False)
    sort: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("min_selections >= 0 AND min_selections <= max_selections", name="selections"),
    )


class GroupPlacement(TenantOwned):
    """Where a modifier group is offered: on an item, or nested under a modifier (at most three levels deep)."""

    __tablename__ = "group_placements"
    _prefix = "gpl"

    group_id: Mapped[str] = mapped_column(String(64))
    item_id: Mapped[str | None] = mapped_column(String(64))
    modifier_id: Mapped[str | None] = mapped_column(String(64))
    sort: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("tenant_id", "item_id", "group_id"),
        UniqueConstraint("tenant_id", "modifier_id", "group_id"),
        Index("ix_group_placements_group", "tenant_id", "group_id"),
        ForeignKeyConstraint(["tenant_id", "group_id"], ["modifier_groups.tenant_id", "modifier_groups.id"]),
        ForeignKeyConstraint(["tenant_id", "item_id"], ["menu_items.tenant_id", "menu_items.id"]),
        ForeignKeyConstraint(["tenant_id", "modifier_id"], ["modifiers.tenant_id", "modifiers.id"]),
        CheckConstraint("(item_id IS NULL) <> (modifier_id IS NULL)", name="one_parent"),
    )


class Modifier(Versioned, TenantOwned):
    """One option of a modifier group. Allergens live here too: an extra can make a dish unsafe."""

    __tablename__ = "modifiers"
    _prefix = "mod"

    group_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    price_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    translations: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)  # {language: {name}}
    max_quantity: Mapped[int] = mapped_column(default=1)
    allergens: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)
    stock_count: Mapped[int | None]
    is_suspended: Mapped[bool] = mapped_column(default=False)
    suspended_until: Mapped[datetime | None] = mapped_column(Instant)
    suspend_reason: Mapped[str | None] = mapped_column(String(20))
    sort: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("ix_modifiers_group", "tenant_id", "group_id"),
        ForeignKeyConstraint(["tenant_id", "group_id"], ["modifier_groups.tenant_id", "modifier_groups.id"]),
        CheckConstraint("stock_count IS NULL OR stock_count >= 0", name="stock_not_negative"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
    )


class MenuJob(Versioned, TenantOwned):
    """The upload of a whole menu, done in steps. `position` entries of the document have been dealt with."""

    __tablename__ = "menu_jobs"
    _prefix = "mjb"

    menu_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="queued")
    document: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)  # dropped once the job has ended
    total: Mapped[int] = mapped_column(default=0)  # categories and items of the document
    position: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)  # {created, updated, deleted}
    errors: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)  # [{field, code, message}]
    notes: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)  # what later steps need to know of earlier ones
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("position >= 0 AND position <= total", name="position_within_total"),
        ForeignKeyConstraint(["tenant_id", "menu_id"], ["menus.tenant_id", "menus.id"]),
        Index("ix_menu_jobs_menu", "tenant_id", "menu_id", "created_at"),
    )
