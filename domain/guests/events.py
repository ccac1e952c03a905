"""Events of guests. Object: the guest document, except where a class says otherwise."""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class CustomerCreated(Event):
    """A customer was entered, or a temporary one became a real one."""

    type: ClassVar[str] = "customer.created"


@dataclass(frozen=True, kw_only=True)
class CustomerUpdated(Event):
    type: ClassVar[str] = "customer.updated"


@dataclass(frozen=True, kw_only=True)
class CustomerDeleted(Event):
    """Erased, or merged into another: then merged_into_id says into whom."""

    type: ClassVar[str] = "customer.deleted"


@dataclass(frozen=True, kw_only=True)
class CustomerTagAdded(Event):
    """Object: {id and customer_id of the customer, customer_external_id, tag}."""

    type: ClassVar[str] = "customer.tag.added"


@dataclass(frozen=True, kw_only=True)
class CustomerConsentUpdated(Event):
    """Object: {id and customer_id of the customer, customer_external_id, channel, from, to, source, at}."""

    type: ClassVar[str] = "customer.consent.updated"


@dataclass(frozen=True, kw_only=True)
class CustomerSegmentUpdated(Event):
    """Object: {id and customer_id of the customer, customer_external_id, segment: {id, name}, change: entered | left}."""

    type: ClassVar[str] = "customer.segment.updated"


@dataclass(frozen=True, kw_only=True)
class CustomerMerged(Event):
    """Object: the merge document, done."""

    type: ClassVar[str] = "customer.merged"
