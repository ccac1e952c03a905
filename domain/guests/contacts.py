"""Phone numbers and e-mail addresses in the form they are stored and compared in. Pure functions.

Phones are checked for their form only (E.164): numbers that no operator has given out are accepted.
"""

import re

from domain.guests.errors import EmailInvalid
from domain.guests.errors import PhoneInvalid

CALLING_CODES = {
    "AE": "971", "AR": "54", "AT": "43", "AU": "61", "BE": "32", "BG": "359", "BH": "973", "BR": "55", "CA": "1",
    "CH": "41", "CL": "56", "CN": "86", "CO": "57", "CY": "357", "CZ": "420", "DE": "49", "DK": "45", "EE": "372",
    "EG": "20", "ES": "34", "FI": "358", "FR": "33", "GB": "44", "GE": "995", "GR": "30", "HK": "852", "HR": "385",
    "HU": "36", "ID": "62", "IE": "353", "IL": "972", "IN": "91", "IS": "354", "IT": "39", "JO": "962", "JP": "81",
    "KR": "82", "KW": "965", "KZ": "7", "LT": "370", "LU": "352", "LV": "371", "MT": "356", "MX": "52", "MY": "60",
    "NL": "31", "NO": "47", "NP": "977", "NZ": "64", "OM": "968", "PE": "51", "PH": "63", "PL": "48", "PT": "351",
    "QA": "974", "RO": "40", "RS": "381", "RU": "7", "SA": "966", "SE": "46", "SG": "65", "SI": "386", "SK": "421",
    "TH": "66", "TN": "216", "TR": "90", "TW": "886", "UA": "380", "US": "1", "UZ": "998", "VN": "84", "ZA": "27",
}  # fmt: skip
# What people dial before a national number; elsewhere it is 0. Italy keeps its 0; these have none.
TRUNK_PREFIXES = {"KZ": "8", "RU": "8", "LT": "8", "HU": "06", "MX": "01", "IT": "", "US": "1", "CA": "1"}
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LOCAL_PART = re.compile(r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]+")


def normalize_phone(raw: str, *, country: str | None) -> str:
    """Bring a number as typed into E.164; a national one is completed with the country's calling code.

    country: ISO 3166-1 alpha-2 of the location, None when only international numbers can be understood.
    Raises PhoneInvalid (422).
    """
    bare = re.sub(r"[\s\-.()\u00a0\u2010-\u2015]", "", raw)
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    if not bare.startswith("+"):
        bare = _completed(bare, (country or "").upper())
    if not _E164.fullmatch(bare):
        raise PhoneInvalid("Expected an international number such as +48221234567, or a national one of the location.")
    return bare


def _completed(national: str, country: str) -> str:
    code = CALLING_CODES.get(country)
    if code is None:
        return national
    prefix = TRUNK_PREFIXES.get(country, "0")
    # 1 is both calling code and dialled prefix in North America: only an eleventh digit makes it a prefix.
    if code == "1":
        return "+1" + (national[1:] if len(national) == 11 and national.startswith("1") else national)
    return f"+{code}{national.removeprefix(prefix)}"


def normalize_email(raw: str) -> str:
    """Lower-case an address after checking its form; the domain must be expressible in DNS.

    Raises EmailInvalid (422).
    """
    text = raw.strip()
    local, at, domain = text.rpartition("@")
    if not (at and len(text) <= 254 and len(local) <= 64 and _LOCAL_PART.fullmatch(local) and _is_domain(domain)):
        raise EmailInvalid("Expected one address such as guest@example.com.")
    return text.lower()


def _is_domain(domain: str) -> bool:
    try:
        ascii_form = domain.encode("idna").decode()
    except UnicodeError:
        return False
    return len(ascii_form) <= 253 and all(_LABEL.fullmatch(label) for label in ascii_form.split("."))
