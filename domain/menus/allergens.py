"""The allergens a menu can declare: the 14 of Regulation (EU) 1169/2011, Annex II, and the cereals and nuts it names.

A sub-code says which cereal or nut; the bare code means "one of them, unspecified", so each is unsafe for the other.
"""

from typing import Any
from typing import NamedTuple

LEVELS = ("contains", "may_contain")
DIETS = ("vegan", "vegetarian", "halal", "kosher", "gluten_free", "lactose_free", "nut_free")
LANGUAGES = ("en", "pl", "lt", "de")


class Allergen(NamedTuple):
    """One allergen. names: language → name; parent is the code a sub-code belongs to."""

    code: str
    names: dict[str, str]
    parent: str | None = None


def _named(code: str, parent: str | None, *names: str) -> Allergen:
    return Allergen(code, dict(zip(LANGUAGES, names, strict=True)), parent)


ALLERGENS = (
    _named("gluten", None, "Cereals containing gluten", "Zboża zawierające gluten", "Glitimo turintys javai",
           "Glutenhaltiges Getreide"),
    _named("crustaceans", None, "Crustaceans", "Skorupiaki", "Vėžiagyviai", "Krebstiere"),
    _named("eggs", None, "Eggs", "Jaja", "Kiaušiniai", "Eier"),
    _named("fish", None, "Fish", "Ryby", "Žuvys", "Fisch"),
    _named("peanuts", None, "Peanuts", "Orzeszki ziemne", "Žemės riešutai", "Erdnüsse"),
    _named("soybeans", None, "Soybeans", "Soja", "Sojos pupelės", "Sojabohnen"),
    _named("milk", None, "Milk", "Mleko", "Pienas", "Milch"),
    _named("nuts", None, "Nuts", "Orzechy", "Riešutai", "Schalenfrüchte"),
    _named("celery", None, "Celery", "Seler", "Salierai", "Sellerie"),
    _named("mustard", None, "Mustard", "Gorczyca", "Garstyčios", "Senf"),
    _named("sesame", None, "Sesame seeds", "Nasiona sezamu", "Sezamo sėklos", "Sesamsamen"),
    _named("sulphites", None, "Sulphur dioxide and sulphites", "Dwutlenek siarki i siarczyny",
           "Sieros dioksidas ir sulfitai", "Schwefeldioxid und Sulfite"),
    _named("lupin", None, "Lupin", "Łubin", "Lubinai", "Lupinen"),
    _named("molluscs", None, "Molluscs", "Mięczaki", "Moliuskai", "Weichtiere"),
    _named("wheat", "gluten", "Wheat", "Pszenica", "Kviečiai", "Weizen"),
    _named("rye", "gluten", "Rye", "Żyto", "Rugiai", "Roggen"),
    _named("barley", "gluten", "Barley", "Jęczmień", "Miežiai", "Gerste"),
    _named("oats", "gluten", "Oats", "Owies", "Avižos", "Hafer"),
    _named("spelt", "gluten", "Spelt", "Orkisz", "Speltos", "Dinkel"),
    _named("kamut", "gluten", "Kamut", "Kamut", "Kamutai", "Kamut"),
    _named("almond", "nuts", "Almonds", "Migdały", "Migdolai", "Mandeln"),
    _named("hazelnut", "nuts", "Hazelnuts", "Orzechy laskowe", "Lazdyno riešutai", "Haselnüsse"),
    _named("walnut", "nuts", "Walnuts", "Orzechy włoskie", "Graikiniai riešutai", "Walnüsse"),
    _named("cashew", "nuts", "Cashews", "Orzechy nerkowca", "Anakardžiai", "Kaschunüsse"),
    _named("pecan", "nuts", "Pecan nuts", "Orzechy pekan", "Pekano riešutai", "Pekannüsse"),
    _named("brazil", "nuts", "Brazil nuts", "Orzechy brazylijskie", "Bertoletijos riešutai", "Paranüsse"),
    _named("pistachio", "nuts", "Pistachio nuts", "Orzechy pistacjowe", "Pistacijos", "Pistazien"),
    _named("macadamia", "nuts", "Macadamia nuts", "Orzechy makadamia", "Makadamijos riešutai", "Macadamianüsse"),
)  # fmt: skip
BY_CODE = {allergen.code: allergen for allergen in ALLERGENS}


def documents() -> list[dict[str, Any]]:
    """List the 14 allergens with their sub-codes: {code, names, sub_codes: [{code, names}]}."""
    return [
        {
            "code": allergen.code, "names": allergen.names,
            "sub_codes": [{"code": sub.code, "names": sub.names} for sub in ALLERGENS if sub.parent == allergen.code],
        }
        for allergen in ALLERGENS
        if allergen.parent is None
    ]  # fmt: skip


def endangers(declared: str, avoided: str) -> bool:
    """Tell whether food that declares one code is unsafe for someone who avoids another."""
    if declared == avoided:
        return True
    own, other = BY_CODE.get(declared), BY_CODE.get(avoided)
    return (own is not None and own.parent == avoided) or (other is not None and other.parent == declared)
