"""Requests a receiver may get, and what its function must say. Made by the worker's own signing, and changed afterwards."""

from dataclasses import dataclass
from typing import Any

from worker import signing

NOW_S = 1_768_219_260
EVENT: dict[str, Any] = {"id": "evt_1", "type": "order.created", "note": "zażółć 🍕"}
BODY = '{"id": "evt_1", "type": "order.created", "note": "zażółć 🍕"}'.encode()
NEW = "whsec_" + "A" * 43 + "="
OLD = "whsec_" + "B" * 42 + "A="
FOREIGN = "whsec_" + "C" * 42 + "A="
UNMATCHED = "refused: no matching signature"
UNUSABLE = "refused: unusable secret"
MALFORMED = "refused: malformed timestamp"
PUBLISHED = {  # the example that Standard Webhooks gives, its signature included
    "webhook-id": b"msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": b"1614265330",
    "webhook-signature": b"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


@dataclass(frozen=True)
class Vector:
    """A request, the secrets its receiver holds, its clock, and the answer: the event or `refused: ` with the reason."""

    headers: dict[str, bytes]
    answer: Any
    body: bytes = BODY
    secrets: tuple[str, ...] = (NEW,)
    now_s: int = NOW_S


def sent(*secrets: str, at_s: int = NOW_S, body: bytes = BODY, **changes: bytes | None) -> dict[str, bytes]:
    """The headers of a delivery; a change replaces a header (`id=b"x"`) or takes it away."""
    made = signing.headers(
        secrets or (NEW,), event_id="evt_1", event_type="order.created", attempt=1, timestamp_s=at_s, body=body
    )
    values = {name: value.encode() for name, value in made.items()}
    for name, value in changes.items():
        values.pop(f"webhook-{name}")
        values |= {} if value is None else {f"webhook-{name}": value}
    return values


def timed(timestamp: bytes) -> Vector:
    """A delivery with this as its time."""
    return Vector(sent(timestamp=timestamp), MALFORMED)


def marked(signatures: bytes, answer: Any = UNMATCHED) -> Vector:
    """A delivery with these as its signatures."""
    return Vector(sent(signature=signatures), answer)


SIGNATURE = sent()["webhook-signature"]
ACCEPTED = {
    "valid": Vector(sent(), EVENT),
    "the published example": Vector(
        PUBLISHED, {"test": 2432232314}, b'{"test": 2432232314}', ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",), 1614265330
    ),
    "rotation, receiver has the new secret": Vector(sent(NEW, OLD), EVENT),
    "rotation, receiver has the old secret": Vector(sent(NEW, OLD), EVENT, secrets=(OLD,)),
    "rotation, receiver has both secrets": Vector(sent(NEW, OLD), EVENT, secrets=(OLD, NEW)),
    "rotation, only the receiver knows the second secret": Vector(sent(), EVENT, secrets=(OLD, NEW)),
    "rotation, only the old secret signs yet": Vector(sent(OLD), EVENT, secrets=(NEW, OLD)),
    "names in capitals": Vector({name.upper(): value for name, value in sent().items()}, EVENT),
    "body with a space behind it": Vector(sent(body=BODY + b" "), EVENT, BODY + b" "),
    "300 s old": Vector(sent(at_s=NOW_S - 300), EVENT),
    "300 s ahead": Vector(sent(at_s=NOW_S + 300), EVENT),
    "beside an unknown version": marked(b"v1a,%b v2,AAAA " % SIGNATURE[3:] + SIGNATURE, EVENT),
}
LENIENT = {  # accepted here and refused by the public library, which breaks off at the first entry it cannot read
    "beside rubbish": marked(b"nonsense  v1 ,, v1,%% \xff " + SIGNATURE + b" ", EVENT),
}
REFUSED = {
    "tampered body": Vector(sent(), UNMATCHED, BODY.replace(b"evt_1", b"evt_2")),
    "body printed again": Vector(sent(), UNMATCHED, BODY.replace(b": ", b":")),
    "no body": Vector(sent(), UNMATCHED, b""),
    "changed id": Vector(sent(id=b"evt_2"), UNMATCHED),
    "id of other bytes": Vector(sent(id=b"\xff\x00\xc3("), UNMATCHED),
    "changed time": Vector(sent(timestamp=b"%d" % (NOW_S + 1)), UNMATCHED),
    "301 s old": Vector(sent(at_s=NOW_S - 301), "refused: too old"),
    "301 s ahead": Vector(sent(at_s=NOW_S + 301), "refused: too new"),
    "from 1970": Vector(sent(at_s=0), "refused: too old"),
    "wrong secret": Vector(sent(FOREIGN), UNMATCHED),
    "wrong secrets during a rotation": Vector(sent(FOREIGN, OLD), UNMATCHED, secrets=(NEW,)),
    "no id": Vector(sent(id=None), "refused: missing header webhook-id"),
    "no time": Vector(sent(timestamp=None), "refused: missing header webhook-timestamp"),
    "no signature": Vector(sent(signature=None), "refused: missing header webhook-signature"),
    "empty signature": Vector(sent(signature=b""), "refused: missing header webhook-signature"),
    "time in words": timed(b"now"),
    "time with a sign": timed(b"-%d" % NOW_S),
    "time with a fraction": timed(b"%d.0" % NOW_S),
    "time in hexadecimal": timed(b"0x69650ABC"),
    "time behind a space": timed(b" %d" % NOW_S),
    "time before a line end": timed(b"%d\n" % NOW_S),
    "time with a digit that is no ASCII": timed(b"176821926\xb2"),
    "time of 13 digits": timed(b"9" * 13),
    "time of 5,000 digits": timed(b"9" * 5_000),
    "signature is a space": marked(b" "),
    "signature without a comma": marked(b"v1"),
    "signature without a value": marked(b"v1,"),
    "signature without a version": marked(SIGNATURE[3:]),
    "signature of commas": marked(b",,, , v1,,"),
    "signature that is no base64": marked(b"v1,%%% v1,=== v1,a"),
    "signature of other bytes": marked(b"v1,\xff\xfe \xc3("),
    "signature cut short": marked(SIGNATURE[:-1]),
    "signature in capitals": marked(SIGNATURE.upper()),
    "signature behind a comma": marked(b"v1," + SIGNATURE),
    "unknown version only": marked(b"v2," + SIGNATURE[3:]),
    "unknown versions only": marked(b"v1a,%b v2,%b" % (SIGNATURE[3:], SIGNATURE[3:])),
    "body of other bytes, not signed": Vector(sent(), UNMATCHED, b"\xff\xfe{\x00"),
    "body of other bytes, signed": Vector(sent(body=b'{"id":"\xff"}'), "refused: malformed body", b'{"id":"\xff"}'),
    "signed without a key, and the receiver's is not set": Vector(sent("whsec_"), UNUSABLE, secrets=("",)),
    "signed without a key, and the receiver has none": Vector(sent("whsec_"), UNUSABLE, secrets=("whsec_",)),
    "one of two secrets is not set": Vector(sent(), UNUSABLE, secrets=(NEW, "")),
    "secret without its beginning": Vector(sent(), UNUSABLE, secrets=(NEW.removeprefix("whsec_"),)),
    "secret that is no base64": Vector(sent(), UNUSABLE, secrets=("whsec_%%%%",)),
    "secret with a space behind it": Vector(sent(), UNUSABLE, secrets=(NEW + " ",)),
    "secret cut short": Vector(sent(), UNUSABLE, secrets=(NEW[:-3],)),
}
PARSED = {  # told by the functions that parse the body; Java leaves that to the receiver's JSON library
    "signed text": Vector(sent(body=b"hello"), "refused: malformed body", b"hello"),
    "signed number": Vector(sent(body=b"42"), "refused: malformed body", b"42"),
    "signed null": Vector(sent(body=b"null"), "refused: malformed body", b"null"),
    "signed brackets": Vector(sent(body=b"[" * 100_000), "refused: malformed body", b"[" * 100_000),
}
EVERY = ACCEPTED | LENIENT | REFUSED | PARSED
