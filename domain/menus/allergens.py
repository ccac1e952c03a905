"""The allergens a menu can declare: the 14 of Regulation (EU) 1169/2011, Annex II, and the cereals and nuts it names.

A sub-code says which cereal or nut; the bare code means "one of them, unspecified", so each is unsafe for the other.
"""

from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

LEVELS = ("contains", "may_contain")
DIETS = ("vegan", "vegetarian", "halal", "kosher", "gluten_free", "lactose_free", "nut_free")
LANGUAGES = ("en", "pl", "lt", "de", "es", "fr", "it", "nl", "uk", "ja")


class Allergen(NamedTuple):
    """One allergen. names: language → name; parent is the code a sub-code belongs to."""

    code: str
    names: dict[str, str]
    parent: str | None = None


def _named(code: str, parent: str | None, *names: str) -> Allergen:
    return Allergen(code, dict(zip(LANGUAGES, names, strict=True)), parent)


ALLERGENS = (
    _named("gluten", None, "Cereals containing gluten", "Zboża zawierające gluten", "Glitimo turintys javai",
           "Glutenhaltiges Getreide", "Cereales que contienen gluten", "Céréales contenant du gluten",
           "Cereali contenenti glutine", "Glutenbevattende granen", "Злаки, що містять глютен", "グルテンを含む穀物"),
    _named("crustaceans", None, "Crustaceans", "Skorupiaki", "Vėžiagyviai", "Krebstiere", "Crustáceos", "Crustacés",
           "Crostacei", "Schaaldieren", "Ракоподібні", "甲殻類"),
    _named("eggs", None, "Eggs", "Jaja", "Kiaušiniai", "Eier", "Huevos", "Œufs", "Uova", "Eieren", "Яйця", "卵"),
    _named("fish", None, "Fish", "Ryby", "Žuvys", "Fisch", "Pescado", "Poissons", "Pesce", "Vis", "Риба", "魚"),
    _named("peanuts", None, "Peanuts", "Orzeszki ziemne", "Žemės riešutai", "Erdnüsse", "Cacahuetes", "Arachides",
           "Arachidi", "Pinda's", "Арахіс", "落花生"),
    _named("soybeans", None, "Soybeans", "Soja", "Sojos pupelės", "Sojabohnen", "Soja", "Soja", "Soia", "Sojabonen",
           "Соєві боби", "大豆"),
    _named("milk", None, "Milk", "Mleko", "Pienas", "Milch", "Leche", "Lait", "Latte", "Melk", "Молоко", "乳"),
    _named("nuts", None, "Nuts", "Orzechy", "Riešutai", "Schalenfrüchte", "Frutos de cáscara", "Fruits à coque",
           "Frutta a guscio", "Noten", "Горіхи", "ナッツ類"),
    _named("celery", None, "Celery", "Seler", "Salierai", "Sellerie", "Apio", "Céleri", "Sedano", "Selderij", "Селера",
           "セロリ"),
    _named("mustard", None, "Mustard", "Gorczyca", "Garstyčios", "Senf", "Mostaza", "Moutarde", "Senape", "Mosterd",
           "Гірчиця", "マスタード"),
    _named("sesame", None, "Sesame seeds", "Nasiona sezamu", "Sezamo sėklos", "Sesamsamen", "Granos de sésamo",
           "Graines de sésame", "Semi di sesamo", "Sesamzaad", "Насіння кунжуту", "ごま"),
    _named("sulphites", None, "Sulphur dioxide and sulphites", "Dwutlenek siarki i siarczyny",
           "Sieros dioksidas ir sulfitai", "Schwefeldioxid und Sulfite", "Dióxido de azufre y sulfitos",
           "Anhydride sulfureux et sulfites", "Anidride solforosa e solfiti", "Zwaveldioxide en sulfieten",
           "Діоксид сірки та сульфіти", "二酸化硫黄・亜硫酸塩"),
    _named("lupin", None, "Lupin", "Łubin", "Lubinai", "Lupinen", "Altramuces", "Lupin", "Lupini", "Lupine", "Люпин",
           "ルピナス豆"),
    _named("molluscs", None, "Molluscs", "Mięczaki", "Moliuskai", "Weichtiere", "Moluscos", "Mollusques", "Molluschi",
           "Weekdieren", "Молюски", "軟体動物"),
    _named("wheat", "gluten", "Wheat", "Pszenica", "Kviečiai", "Weizen", "Trigo", "Blé", "Grano", "Tarwe", "Пшениця",
           "小麦"),
    _named("rye", "gluten", "Rye", "Żyto", "Rugiai", "Roggen", "Centeno", "Seigle", "Segale", "Rogge", "Жито", "ライ麦"),
    _named("barley", "gluten", "Barley", "Jęczmień", "Miežiai", "Gerste", "Cebada", "Orge", "Orzo", "Gerst", "Ячмінь",
           "大麦"),
    _named("oats", "gluten", "Oats", "Owies", "Avižos", "Hafer", "Avena", "Avoine", "Avena", "Haver", "Овес", "オーツ麦"),
    _named("spelt", "gluten", "Spelt", "Orkisz", "Speltos", "Dinkel", "Espelta", "Épeautre", "Farro", "Spelt",
           "Спельта", "スペルト小麦"),
    _named("kamut", "gluten", "Kamut", "Kamut", "Kamutai", "Kamut", "Kamut", "Kamut", "Kamut", "Kamut", "Камут",
           "カムット小麦"),
    _named("almond", "nuts", "Almonds", "Migdały", "Migdolai", "Mandeln", "Almendras", "Amandes", "Mandorle",
           "Amandelen", "Мигдаль", "アーモンド"),
    _named("hazelnut", "nuts", "Hazelnuts", "Orzechy laskowe", "Lazdyno riešutai", "Haselnüsse", "Avellanas",
           "Noisettes", "Nocciole", "Hazelnoten", "Фундук", "ヘーゼルナッツ"),
    _named("walnut", "nuts", "Walnuts", "Orzechy włoskie", "Graikiniai riešutai", "Walnüsse", "Nueces", "Noix", "Noci",
           "Walnoten", "Волоські горіхи", "くるみ"),
    _named("cashew", "nuts", "Cashews", "Orzechy nerkowca", "Anakardžiai", "Kaschunüsse", "Anacardos", "Noix de cajou",
           "Anacardi", "Cashewnoten", "Кеш'ю", "カシューナッツ"),
    _named("pecan", "nuts", "Pecan nuts", "Orzechy pekan", "Pekano riešutai", "Pekannüsse", "Pacanas", "Noix de pécan",
           "Noci pecan", "Pecannoten", "Пекан", "ピーカンナッツ"),
    _named("brazil", "nuts", "Brazil nuts", "Orzechy brazylijskie", "Bertoletijos riešutai", "Paranüsse",
           "Nueces de Brasil", "Noix du Brésil", "Noci del Brasile", "Paranoten", "Бразильські горіхи", "ブラジルナッツ"),
    _named("pistachio", "nuts", "Pistachio nuts", "Orzechy pistacjowe", "Pistacijos", "Pistazien", "Pistachos",
           "Pistaches", "Pistacchi", "Pistachenoten", "Фісташки", "ピスタチオ"),
    _named("macadamia", "nuts", "Macadamia nuts", "Orzechy makadamia", "Makadamijos riešutai", "Macadamianüsse",
           "Nueces de macadamia", "Noix de macadamia", "Noci macadamia", "Macadamianoten", "Макадамія", "マカダミアナッツ"),
)  # fmt: skip
BY_CODE = {allergen.code: allergen for allergen in ALLERGENS}


def documents(language: str = "en") -> list[dict[str, Any]]:
    """List the 14 allergens with their sub-codes: {code, name, names, sub_codes: [{code, name, names}]}.

    name: in one of LANGUAGES.
    """
    return [
        {**_shown(allergen, language),
         "sub_codes": [_shown(sub, language) for sub in ALLERGENS if sub.parent == allergen.code]}
        for allergen in ALLERGENS
        if allergen.parent is None
    ]  # fmt: skip


def language_of(tags: Iterable[str]) -> str:
    """The first of some language tags (pl, pt-BR), best first, that the allergens are named in; else English."""
    primary = (tag.replace("_", "-").partition("-")[0].lower() for tag in tags)
    return next((language for language in primary if language in LANGUAGES), "en")


def endangers(declared: str, avoided: str) -> bool:
    """Tell whether food that declares one code is unsafe for someone who avoids another."""
    if declared == avoided:
        return True
    own, other = BY_CODE.get(declared), BY_CODE.get(avoided)
    return (own is not None and own.parent == avoided) or (other is not None and other.parent == declared)


def _shown(allergen: Allergen, language: str) -> dict[str, Any]:
    return {"code": allergen.code, "name": allergen.names[language], "names": allergen.names}
