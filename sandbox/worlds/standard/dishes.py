"""What the restaurants of the standard world serve. Data only: prices are euro cents before they are made local."""

from typing import NamedTuple

GLUTEN, MILK, EGGS, FISH, NUTS, SOY = "gluten", "milk", "eggs", "fish", "nuts", "soybeans"


class Dish(NamedTuple):
    """One item of the list. contains None: nobody has written its allergens down."""

    key: str
    name: str
    category: str
    cents: int
    contains: tuple[str, ...] | None = ()
    may: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    kind: str = "food"
    groups: tuple[str, ...] = ()


VEGAN, VEGGIE = ("vegan", "vegetarian"), ("vegetarian",)
LONGEST_NAME = (
    "Slow-roasted shoulder of lamb with rosemary, garlic & lemon, served with crushed potatoes, minted peas and its own gravy"
)
CATEGORIES = (
    ("starters", "Starters"), ("soups", "Soups"), ("salads", "Salads"), ("burgers", "Burgers"), ("pizza", "Pizza"),
    ("pasta", "Pasta"), ("mains", "Mains"), ("seafood", "From the sea"), ("sides", "Sides"), ("desserts", "Desserts"),
    ("drinks", "Soft drinks"), ("bar", "From the bar"),
)  # fmt: skip
DISHES = (
    Dish("bread", "House bread", "starters", 0, (GLUTEN,), ("sesame",), VEGAN),
    Dish("olives", "Marinated olives", "starters", 480, (), (), VEGAN),
    Dish("hummus", "Hummus", "starters", 690, ("sesame",), (GLUTEN,), VEGAN),
    Dish("tartare", "Beef tartare", "starters", 1390, (EGGS, "mustard")),
    Dish("bruschetta", "Bruschetta", "starters", 720, ("wheat",), (), VEGAN),
    Dish("calamari", "Fried calamari", "starters", 1150, ("molluscs", "wheat"), ("crustaceans",)),
    Dish("carpaccio", "Beetroot carpaccio", "starters", 890, ("walnut", "sulphites"), (), VEGGIE),
    Dish("broth", "Chicken broth", "soups", 650, ("celery", EGGS, GLUTEN)),
    Dish("tomato_soup", "Tomato soup", "soups", 620, ("celery",), (MILK,), VEGAN),
    Dish("chowder", "Clam chowder", "soups", 940, ("molluscs", MILK, "celery")),
    Dish("miso", "Miso soup", "soups", 520, (SOY, FISH)),
    Dish("borscht", "Borscht", "soups", 600, ("celery",), (), VEGGIE),
    Dish("caesar", "Caesar salad", "salads", 1190, (MILK, EGGS, FISH, "wheat")),
    Dish("greek", "Greek salad", "salads", 1090, (MILK,), ("sulphites",), VEGGIE),
    Dish("green", "Green salad", "salads", 590, ("mustard",), (), VEGAN),
    Dish("quinoa", "Quinoa bowl", "salads", 1150, ("sesame", SOY), (NUTS,), VEGAN),
    Dish("nicoise", "Salade niçoise", "salads", 1320, (FISH, EGGS, "mustard")),
    Dish("classic", "Classic burger", "burgers", 1290, ("wheat", MILK, EGGS, "sesame"), (),
         groups=("doneness", "extras", "meal")),
    Dish("double", "Double burger", "burgers", 1690, ("wheat", MILK, EGGS, "sesame"), groups=("doneness", "extras", "meal")),
    Dish("chicken_burger", "Chicken burger", "burgers", 1240, ("wheat", EGGS, "mustard"), groups=("extras", "meal")),
    Dish("bean_burger", "Black bean burger", "burgers", 1190, ("wheat", SOY), (), VEGAN, groups=("extras", "meal")),
    Dish("blue", "Blue cheese burger", "burgers", 1450, ("wheat", MILK, EGGS, "celery"), groups=("doneness", "meal")),
    Dish("pulled", "Pulled pork bun", "burgers", 1310, None, groups=("extras",)),
    Dish("margherita", "Pizza Margherita", "pizza", 1050, ("wheat", MILK), (), VEGGIE, groups=("toppings",)),
    Dish("marinara", "Pizza Marinara", "pizza", 950, ("wheat",), (), VEGAN, groups=("toppings",)),
    Dish("diavola", "Pizza Diavola", "pizza", 1290, ("wheat", MILK), (), groups=("toppings", "spice")),
    Dish("funghi", "Pizza Funghi", "pizza", 1190, ("wheat", MILK), (), VEGGIE, groups=("toppings",)),
    Dish("tonno", "Pizza Tonno", "pizza", 1340, ("wheat", MILK, FISH), groups=("toppings",)),
    Dish("four_cheese", "Pizza Quattro Formaggi", "pizza", 1350, ("wheat", MILK), (NUTS,), VEGGIE, groups=("toppings",)),
    Dish("calzone", "Calzone", "pizza", 1390, ("wheat", MILK, EGGS)),
    Dish("carbonara", "Spaghetti carbonara", "pasta", 1290, ("wheat", EGGS, MILK)),
    Dish("pesto", "Trofie with pesto", "pasta", 1190, ("wheat", MILK, "cashew"), (), VEGGIE),
    Dish("arrabbiata", "Penne arrabbiata", "pasta", 1050, ("wheat",), (), VEGAN, groups=("spice",)),
    Dish("vongole", "Linguine alle vongole", "pasta", 1590, ("wheat", "molluscs", "sulphites")),
    Dish("lasagne", "Lasagne", "pasta", 1340, ("wheat", MILK, EGGS, "celery")),
    Dish("gnocchi", "Gnocchi with sage butter", "pasta", 1220, ("wheat", MILK, EGGS), (), VEGGIE),
    Dish("ribeye", "Rib-eye steak", "mains", 2990, None, groups=("doneness", "side")),
    Dish("schnitzel", "Schnitzel", "mains", 1790, ("wheat", EGGS, MILK), groups=("side",)),
    Dish("lamb", LONGEST_NAME, "mains", 2690, (MILK, "celery", "mustard")),
    Dish("half_chicken", "Half chicken", "mains", 1690, ("celery",), (), groups=("side",)),
    Dish("curry", "Chicken curry", "mains", 1490, (MILK, "mustard"), (NUTS,), ("halal",), groups=("spice",)),
    Dish("dal", "Lentil dal", "mains", 1190, ("mustard",), (), VEGAN, groups=("spice",)),
    Dish("tofu", "Crispy tofu", "mains", 1290, (SOY, "sesame", "wheat"), ("peanuts",), VEGAN, groups=("spice",)),
    Dish("pad_thai", "Pad thai", "mains", 1450, ("peanuts", "crustaceans", EGGS, FISH, SOY), groups=("spice",)),
    Dish("ribs", "Pork ribs", "mains", 1990, ("mustard", "celery", SOY), groups=("side",)),
    Dish("risotto", "Mushroom risotto", "mains", 1390, (MILK, "celery", "sulphites"), (), VEGGIE),
    Dish("salmon", "Grilled salmon", "seafood", 2190, (FISH,), ("crustaceans",), groups=("side",)),
    Dish("mussels", "Mussels in white wine", "seafood", 1690, ("molluscs", "sulphites", "celery")),
    Dish("prawns", "Garlic prawns", "seafood", 1890, ("crustaceans", MILK)),
    Dish("fish_chips", "Fish and chips", "seafood", 1590, (FISH, "wheat", EGGS)),
    Dish("catch", "Catch of the day", "seafood", 2390, None, groups=("side",)),
    Dish("lobster", "Lobster for the table", "seafood", 999_999, ("crustaceans", MILK)),
    Dish("fries", "Fries", "sides", 450, (), (GLUTEN,), VEGAN, groups=("sauces",)),
    Dish("sweet_fries", "Sweet potato fries", "sides", 520, (), (), VEGAN, groups=("sauces",)),
    Dish("rice", "Rice", "sides", 350, (), (), VEGAN),
    Dish("slaw", "Coleslaw", "sides", 390, (EGGS, "mustard", "celery")),
    Dish("lupin_bread", "Lupin flatbread", "sides", 420, ("lupin", "wheat"), (SOY,), VEGAN, groups=("sauces",)),
    Dish("cheesecake", "Cheesecake", "desserts", 690, (MILK, EGGS, "wheat"), (NUTS, "lupin"), VEGGIE),
    Dish("brownie", "Brownie", "desserts", 650, ("wheat", EGGS, MILK, "hazelnut"), ("peanuts", "lupin"), VEGGIE),
    Dish("sorbet", "Sorbet", "desserts", 520, ("lupin",), (), VEGAN),
    Dish("baklava", "Baklava", "desserts", 590, ("wheat", "pistachio", MILK), ("lupin",), VEGGIE),
    Dish("season", "Cake of the season", "desserts", 610, None),
    Dish("water", "Tap water", "drinks", 0, (), (), VEGAN, "drink"),
    Dish("lemonade", "Lemonade", "drinks", 390, (), (), VEGAN, "drink", ("ice",)),
    Dish("cola", "Cola", "drinks", 350, (), (), VEGAN, "drink", ("ice",)),
    Dish("latte", "Latte", "drinks", 410, (MILK,), (), VEGGIE, "drink"),
    Dish("tea", "Pot of tea", "drinks", 380, (), (), VEGAN, "drink"),
    Dish("beer", "Draught beer", "bar", 490, ("barley",), (), VEGAN, "alcohol"),
    Dish("wine", "Glass of wine", "bar", 590, ("sulphites",), (), VEGGIE, "alcohol"),
    Dish("negroni", "Negroni", "bar", 1090, None, (), (), "alcohol"),
)  # fmt: skip
SOLD_OUT = frozenset({"tartare", "chowder", "gnocchi", "mussels"})
LOW_STOCK = {"prawns": 3, "baklava": 2, "lamb": 1}
LUNCH_ONLY = frozenset({"quinoa"})  # sold on a schedule
IN_TWO_CATEGORIES = {"fries": "burgers"}
SIZES = {  # percent of the price
    "cola": (("0.3 l", 100), ("0.5 l", 140)), "beer": (("0.3 l", 80), ("0.5 l", 120)),
    "latte": (("Small", 100), ("Large", 125)),
}  # fmt: skip


class Group(NamedTuple):
    """A choice. options: (key, name, cents, at most, allergens). under: the modifier that opens it, else items name it."""

    key: str
    name: str
    least: int
    most: int
    options: tuple[tuple[str, str, int, int, tuple[str, ...]], ...]
    under: str | None = None


GROUPS = (
    Group("doneness", "How would you like it?", 1, 1, (
        ("rare", "Rare", 0, 1, ()), ("medium", "Medium", 0, 1, ()), ("well", "Well done", 0, 1, ()))),
    Group("extras", "Extras", 0, 4, (
        ("bacon", "Bacon", 180, 2, ()), ("cheddar", "Cheddar", 150, 2, (MILK,)), ("egg", "Fried egg", 150, 1, (EGGS,)),
        ("peanut_sauce", "Peanut sauce", 120, 2, ("peanuts",)))),
    Group("meal", "Make it a meal", 0, 1, (("as_meal", "With fries and a drink", 490, 1, ()),)),
    Group("meal_drink", "Which drink?", 1, 1, (
        ("meal_cola", "Cola", 0, 1, ()), ("meal_water", "Water", 0, 1, ()), ("meal_shake", "Milkshake", 150, 1, (MILK,))),
        under="as_meal"),
    Group("toppings", "Toppings", 0, 4, (
        ("salami", "Salami", 200, 2, ()), ("anchovies", "Anchovies", 190, 2, (FISH,)), ("rocket", "Rocket", 120, 1, ()),
        ("pine_nuts", "Pine nuts", 150, 1, (NUTS,)))),
    Group("side", "Choose a side", 1, 1, (
        ("side_fries", "Fries", 0, 1, ()), ("side_salad", "Salad", 0, 1, ("mustard",)), ("side_rice", "Rice", 0, 1, ()))),
    Group("sauces", "Sauces", 0, 2, (
        ("mayo", "Mayonnaise", 80, 2, (EGGS,)), ("aioli", "Aioli", 100, 2, (EGGS,)),
        ("satay", "Satay", 120, 2, ("peanuts", SOY)))),
    Group("ice", "Ice", 1, 1, (("with_ice", "With ice", 0, 1, ()), ("no_ice", "No ice", 0, 1, ()))),
    Group("spice", "How hot?", 0, 1, (("mild", "Mild", 0, 1, ()), ("hot", "Hot", 0, 1, ()), ("very_hot", "Very hot", 0, 1, ()))),
)  # fmt: skip
