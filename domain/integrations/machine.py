"""The integration's states and the moves between them, and the words integrations use."""

from collections.abc import Mapping

CONNECTED, DEGRADED, DISCONNECTED, MAPPING_REQUIRED = "connected", "degraded", "disconnected", "mapping_required"
MOVES: Mapping[str, tuple[str, ...]] = {
    CONNECTED: (DEGRADED, DISCONNECTED, MAPPING_REQUIRED),
    DEGRADED: (CONNECTED, DISCONNECTED, MAPPING_REQUIRED),
    MAPPING_REQUIRED: (CONNECTED, DEGRADED, DISCONNECTED),
    DISCONNECTED: (CONNECTED,),
}
STATES = tuple(MOVES)
ASKED_FOR = (CONNECTED, DISCONNECTED)  # states a caller may set; the others follow from what happens
KINDS = ("pos", "delivery", "accounting", "hotel", "bi", "crm")
MAPPED_KINDS = ("menu_item", "modifier", "tax", "table", "folio")
UNMAPPED, MISSING = "unmapped", "missing"  # why a reference needs a mapping: nobody has said; what was said is gone
