"""What the outcome of an attempt means and what to do about it. The only place these words exist."""

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Meaning:
    """One outcome in words: what happened, and what its receiver can do."""

    sentence: str
    advice: str


OK = Meaning("The endpoint took it.", "Nothing to do.")
REASONS: dict[str, Meaning] = {
    "ok": OK,
    "timeout": Meaning(
        "The endpoint did not answer in time.",
        "Answer 2xx first and do the work afterwards, for example in a queue of your own.",
    ),
    "dns": Meaning(
        "The name in the URL leads to no address.",
        "Check the URL for a typing mistake, and that the name's DNS record is public.",
    ),
    "connection": Meaning(
        "Nobody accepted the connection, or it broke off before the answer was complete.",
        "Check that the server runs, that its firewall lets us in, and that it does not close connections early.",
    ),
    "tls": Meaning(
        "The secure connection could not be made.",
        "Check that the certificate is valid for the host, has not expired, and is sent with its intermediate certificates.",
    ),
    "protocol": Meaning(
        "What came back was no valid HTTP answer.",
        "Check what listens on that port, and what a proxy in front of it does to answers.",
    ),
    "blocked_address": Meaning(
        "The name leads to an address that is not on the public internet; nothing was sent there.",
        "Use a public address. To receive on your own machine, use the command-line client.",
    ),
    "blocked_port": Meaning(
        "The URL names a port we do not connect to; nothing was sent.",
        "In production use https on port 443.",
    ),
    "blocked_url": Meaning(
        "The URL is not one we send to; nothing was sent.",
        "Use https with a host that exists outside the sandbox, and no user name or password in the URL.",
    ),
    "blocked_request": Meaning(
        "The request was one we do not make; nothing was sent.",
        "Remove headers that belong to the connection. A listener of the command-line client takes POST only.",
    ),
    "internal_error": Meaning(
        "A fault on our side kept us from sending.",
        "Nothing to do: it is tried again. Tell us when it goes on.",
    ),
    "lost": Meaning(
        "We lost track of the attempts of this delivery and gave it up.",
        "Send it once more.",
    ),
    "endpoint_deleted": Meaning(
        "The endpoint was deleted while this waited.",
        "Nothing to do. Another endpoint can get the event by a replay.",
    ),
    "listener_away": Meaning(
        "The command-line client of this listener is not running.",
        "Start it again with tableport listen; what waited is delivered then.",
    ),
    "gone_410": Meaning(
        "The endpoint answered 410 Gone, which asks us never to send again.",
        "Answer another status, then enable the endpoint.",
    ),
    "no_success_for_5_days": Meaning(
        "Nothing was taken for 5 days while at least 20 deliveries were given up.",
        "Repair the endpoint, send a test event, then enable it; what was held goes out by itself.",
    ),
    "beyond_plan": Meaning(
        "The restaurant's plan has no room for this endpoint.",
        "A larger plan switches it on again; or disable or delete another endpoint and enable this one.",
    ),
    "disabled_by_owner": Meaning("Somebody of your organisation disabled it.", "Enable it when it may receive again."),
}
STATUSES: dict[str, Meaning] = {
    "3xx": Meaning("The endpoint answered with a redirect, which is not followed.", "Register the URL it leads to."),
    "400": Meaning(
        "The endpoint refused the request as malformed.",
        "Read the body it answered with; often a framework expects a form or another content type.",
    ),
    "401": Meaning(
        "The endpoint wants credentials.",
        "Let webhooks in without a login and verify the signature instead, or check how you verify it.",
    ),
    "403": Meaning(
        "The endpoint refused us.",
        "Look for a firewall, a bot filter or a CSRF check in front of it, and check how you verify the signature.",
    ),
    "404": Meaning("There is nothing at that path.", "Check the path of the URL and the routes of your server."),
    "405": Meaning("The path does not take this method.", "Let the route take POST."),
    "408": Meaning("The endpoint waited too long for the request.", "Raise the time-out of the proxy in front of it."),
    "410": Meaning(
        "The endpoint is gone: this answer disables it at once.",
        "Answer another status, then enable the endpoint.",
    ),
    "413": Meaning("The body is too large for the endpoint.", "Let it take bodies of up to 20 kB."),
    "429": Meaning(
        "The endpoint has enough for now.",
        "Nothing to do: we wait as long as its Retry-After says. A limit for the endpoint avoids the refusals.",
    ),
    "4xx": Meaning("The endpoint refused the request.", "Read the body it answered with and its own logs at that time."),
    "502": Meaning(
        "A proxy in front of the endpoint got no valid answer from it.",
        "Check that the application behind the proxy runs and does not crash on this body.",
    ),
    "503": Meaning(
        "The endpoint is not available.",
        "Nothing to do if it is maintenance: we wait as long as its Retry-After says and try again.",
    ),
    "504": Meaning(
        "A proxy in front of the endpoint gave up waiting for it.",
        "Answer 2xx first and do the work afterwards, for example in a queue of your own.",
    ),
    "5xx": Meaning("The endpoint failed while it handled the request.", "Read its own logs at that time."),
}
_SHORT = {  # for the middle of a sentence
    "timeout": "no answer in time", "dns": "its name was not found", "tls": "its certificate was not accepted",
    "connection": "no connection", "blocked_address": "its address is in a network we do not send to",
}  # fmt: skip
NAMED = REASONS | {f"http_{status}": meaning for status, meaning in STATUSES.items()}  # every reason there are words for
OTHER = Meaning("The attempt failed.", "Compare what was sent with what came back.")


def meaning_of(reason: str) -> Meaning:
    """What an attempt's or an endpoint's reason means. `http_502` is looked up by its status, then by its class."""
    if not reason.startswith("http_"):
        return REASONS.get(reason, OTHER)
    status = reason.removeprefix("http_")
    return STATUSES.get(status) or STATUSES.get(f"{status[:1]}xx", OTHER)


def in_words(reason: str | None) -> str:
    """What an attempt ended with, for people: `http_502` is `502 Bad Gateway`."""
    if reason is None:
        return "unknown"
    status = reason.removeprefix("http_")
    if not (status.isdecimal() and status != reason):
        return _SHORT.get(reason, reason.replace("_", " "))
    try:
        return f"{status} {HTTPStatus(int(status)).phrase}"
    except ValueError:
        return f"status {status}"
