"""Names of the guests of the standard world, by script. Data only: (first, last) pairs, languages and how many of each."""

from typing import NamedTuple


class Tongue(NamedTuple):
    """People of one language. alpha: Latin spelling in the same order, where the script is another."""

    locale: str
    country: str
    calling: str
    share: int  # of a hundred guests
    firsts: tuple[str, ...]
    lasts: tuple[str, ...]
    alpha_firsts: tuple[str, ...] = ()
    alpha_lasts: tuple[str, ...] = ()


TONGUES = (
    Tongue("en-US", "US", "+1", 30, ("James", "Mary", "Robert", "Linda", "Wei", "Olivia", "Noah", "Emma", "Liam", "Ava"),
           ("Smith", "Johnson", "O'Neill", "van der Berg", "García", "Miller", "Davis", "MacDonald", "Nguyen", "Ó Briain")),
    Tongue("pl", "PL", "+48", 14, ("Zofia", "Łukasz", "Małgorzata", "Paweł", "Żaneta", "Stanisław", "Grażyna", "Michał"),
           ("Wiśniewska", "Kowalski", "Dąbrowska", "Zając", "Szczęsny", "Wójcik", "Górecka", "Źrebiec")),
    Tongue("lt", "LT", "+370", 10, ("Jūratė", "Mindaugas", "Eglė", "Žygimantas", "Rūta", "Šarūnas"),
           ("Kazlauskienė", "Petrauskas", "Žukauskaitė", "Stankevičius", "Vaičiūnė", "Čepaitis")),
    Tongue("ja", "JP", "+81", 12, ("花子", "太郎", "美咲", "健", "さくら", "翔太"),
           ("田中", "佐藤", "鈴木", "高橋", "渡辺", "山本"),
           ("Hanako", "Taro", "Misaki", "Ken", "Sakura", "Shota"),
           ("Tanaka", "Sato", "Suzuki", "Takahashi", "Watanabe", "Yamamoto")),
    Tongue("ar", "KW", "+965", 8, ("فاطمة", "محمد", "نورة", "علي", "ليلى"), ("العنزي", "الرشيد", "المطيري", "الصباح"),
           ("Fatima", "Mohammed", "Noura", "Ali", "Layla"), ("Al Anazi", "Al Rashid", "Al Mutairi", "Al Sabah")),
    Tongue("hi", "IN", "+91", 8, ("प्रिया", "अर्जुन", "अंजलि", "रोहन"),
           ("शर्मा", "पटेल", "सिंह", "नायर"),
           ("Priya", "Arjun", "Anjali", "Rohan"), ("Sharma", "Patel", "Singh", "Nair")),
    Tongue("ru-KZ", "KZ", "+7", 8, ("Айгерим", "Нурлан", "Ольга", "Сергей", "Дина"),
           ("Нурсултанова", "Ахметов", "Ким", "Иванова"),
           ("Aigerim", "Nurlan", "Olga", "Sergei", "Dina"), ("Nursultanova", "Akhmetov", "Kim", "Ivanova")),
    Tongue("ko", "KR", "+82", 4, ("민준", "서연", "지우", "하은"), ("김", "이", "박", "최"),
           ("Minjun", "Seoyeon", "Jiwoo", "Haeun"), ("Kim", "Lee", "Park", "Choi")),
    Tongue("pt-BR", "BR", "+55", 6, ("João", "Conceição", "Antônio", "Luísa"), ("da Silva", "Gonçalves", "Araújo", "Magalhães")),
)  # fmt: skip
# Names that have broken software before.
ODD_NAMES = (
    ("🦀", "Crab"), ("Ann", "🎂 Birthday"), (None, "Cher"), ("X", "Y"), ("J", "Null"), ("Test", "Test"), (None, "Ǆ"),
    ("Maximiliana " * 9 + "Max", "Wolfeschlegelsteinhausenbergerdorff " * 3 + "of the house of Hohenstein-Lichtenf"),
)
TAGS = (
    "regular", "vip", "allergy", "press", "neighbour", "birthday club", "wine lover", "vegan", "family", "business", "late",
    "no photos", "window seat", "high chair", "wheelchair", "hotel guest", "staff friend", "big tipper", "newsletter",
    "first visit", "tourist", "concierge", "event planner", "delivery only", "lunch", "dog", "quiet table", "terrace",
    "gift card", "complained",
)  # fmt: skip
ALLERGIES = ("peanuts", "gluten", "milk", "crustaceans", "nuts", "soybeans", "celery", "kiwi", "strawberries")
