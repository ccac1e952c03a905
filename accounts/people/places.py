"""Where somebody sits, as people say it: the browser in words, and the network instead of the address."""

import re
from ipaddress import ip_address
from ipaddress import ip_network

UNKNOWN = "an unknown browser"
# Most browsers also claim to be the ones they descend from, so the first that fits is the right one.
BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"), ("Opera", r"OPR/|Opera"), ("Samsung Internet", r"SamsungBrowser/"), ("Vivaldi", r"Vivaldi/"),
    ("Firefox", r"Firefox/|FxiOS/"), ("Chrome", r"Chrome/|CriOS/"), ("Chromium", r"Chromium/"), ("Safari", r"Version/.*Safari/"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("macOS", "Mac OS X|Macintosh"),
    ("ChromeOS", "CrOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_of(user_agent: str) -> str:
    """`Firefox on Linux`; of a program its own name; `an unknown browser` when it says nothing we know."""
    browser = next((name for name, mark in BROWSERS if re.search(mark, user_agent)), "")
    system = next((name for name, mark in SYSTEMS if re.search(mark, user_agent)), "")
    if not browser:
        program = re.match(r"[A-Za-z][\w.-]{0,30}(?=/|$)", user_agent)
        browser = program[0] if program and program[0] != "Mozilla" else UNKNOWN
    return f"{browser} on {system}" if system else browser


def network_of(ip: str) -> str | None:
    """The network of an address: a /24 or a /48. None for what is no address."""
    return _network(ip, 24, 48)


def guesser_of(ip: str) -> str:
    """Whom to count tries against: an IPv4 address, or the /64 an IPv6 address is one of a single customer's many in."""
    return _network(ip, 32, 64) or "unknown"


def _network(ip: str, v4: int, v6: int) -> str | None:
    try:
        address = ip_address(ip)
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network(f"{address}/{v4 if address.version == 4 else v6}", strict=False))
