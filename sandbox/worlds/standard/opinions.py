"""What guests say about their visits: 420 reviews in eight languages, judged as submitted ones are."""

from random import Random

from domain.reviews.models import Review
from domain.reviews.sentiment import sentiment_of
from kit.documents import Document
from kit.documents import append
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.seeds import MINUTE_US
from sandbox.worlds.seeds import Seeds
from sandbox.worlds.standard import queries
from sandbox.worlds.standard.places import PLACES
from sandbox.worlds.standard.setting import Row
from sandbox.worlds.standard.setting import Setting
from sandbox.worlds.standard.setting import dealt
from sandbox.worlds.standard.setting import weighted

REVIEWS = 420
STARS = {5: 189, 4: 126, 3: 55, 2: 29, 1: 21}  # 45, 30, 13, 7 and 5 %
WITHOUT_COMMENT, WITHOUT_ORDER = 168, 17
UNANSWERED = 38  # 9 % still wait for an answer
LOW = 2
LANGUAGES = {"en": 34, "pl": 16, "lt": 10, "de": 8, "es": 8, "fr": 8, "it": 6, "ja": 10}
SOURCES = {"website": 50, "app": 30, "google": 15, "api": 5}
GOOD = {
    "en": ("Excellent food and friendly staff!", "Lovely evening, delicious pasta.", "Great burgers, we will be back."),
    "pl": ("Pyszne jedzenie i miła obsługa!", "Świetne miejsce, polecam."),
    "lt": ("Labai skanu ir jauku!", "Puikus aptarnavimas."),
    "de": ("Hervorragendes Essen, sehr freundlich!", "Sehr lecker, gerne wieder."),
    "es": ("¡Excelente comida y muy amables!", "Delicioso, volveremos."),
    "fr": ("Excellent repas, service très agréable.", "Délicieux, nous reviendrons."),
    "it": ("Cibo ottimo e personale gentile!", "Delizioso, torneremo."),
    "ja": ("とても美味しかったです。", "最高のサービスでした。"),
}  # fmt: skip
FAIR = {
    "en": ("It was all right.",), "pl": ("W porządku.",), "lt": ("Normaliai.",), "de": ("War in Ordnung.",), "es": ("Normal.",),
    "fr": ("Correct.",), "it": ("Nella norma.",), "ja": ("普通でした。",),
}  # fmt: skip
BAD = {
    "en": ("The food was cold and the wait was terrible.", "Rude waiter, awful soup."),
    "pl": ("Zimne jedzenie, fatalna obsługa.",), "lt": ("Blogas aptarnavimas, maistas šaltas.",),
    "de": ("Das Essen war kalt und schlecht.",), "es": ("Comida fría y servicio terrible.",),
    "fr": ("Plat froid et service horrible.",), "it": ("Cibo freddo e servizio pessimo.",), "ja": ("まずくて、最悪でした。",),
}  # fmt: skip
ANSWER = "Thank you for telling us. We have spoken with the kitchen and would like to make up for it."


def write_reviews(scope: Scope, setting: Setting) -> None:
    """Write the reviews, of orders that were written before."""
    seeds = setting.seeds("reviews")
    draw = seeds.choices
    visits = draw.sample(queries.completed.documents(scope, True), REVIEWS)  # the fixtures are reviewed already
    without = set(draw.sample(range(REVIEWS), WITHOUT_ORDER))
    silent = set(draw.sample(range(REVIEWS), WITHOUT_COMMENT))
    rows = [
        _review(seeds, setting, None if index in without else visit, stars, index not in silent)
        for index, (visit, stars) in enumerate(zip(visits, dealt(draw, STARS), strict=True))
    ]
    _answer(draw, rows)
    append(scope, Review, rows)


def _review(seeds: Seeds, setting: Setting, visit: Document | None, overall: int, has_comment: bool) -> Row:
    draw = seeds.choices
    language = weighted(draw, LANGUAGES)
    texts = GOOD if overall >= 4 else FAIR if overall == 3 else BAD
    comment = draw.choice(texts[language]) if has_comment else None
    heard = sentiment_of(comment, language=language) if comment else None
    needs_answer = overall <= LOW or (heard is not None and heard.label == "negative")
    at = min(visit["updated_at"] + draw.randint(20, 2000) * MINUTE_US, setting.now_us - 40 * MINUTE_US) if visit else None
    at = at if at is not None else setting.now_us - draw.randint(2 * DAY_US, 80 * DAY_US)
    near = (max(1, overall - 1), overall, min(5, overall + 1), None)
    return {
        "id": seeds.id("rev"), "location_id": visit["location_id"] if visit else draw.choice(PLACES).id,
        "order_id": visit["id"] if visit else None, "customer_id": visit["customer_id"] if visit else None,
        "author_id": visit["customer_id"] if visit else None, "author_name": None if visit else "A guest",
        "source": weighted(draw, SOURCES), "overall": overall, "food": draw.choice(near), "service": draw.choice(near),
        "ambience": draw.choice(near), "comment": comment, "language": heard.language if heard else None,
        "sentiment_thousandths": heard.thousandths if heard else None, "sentiment_label": heard.label if heard else None,
        "status": "response_needed" if needs_answer else "new", "version": 1 + (heard is not None) + needs_answer,
        "created_at": at, "updated_at": at,
    }  # fmt: skip


def _answer(draw: Random, rows: list[Row]) -> None:
    """Answer all but some of those that need it, and close some of the others."""
    waiting = [row for row in rows if row["status"] == "response_needed"]
    for row in draw.sample(waiting, len(waiting) - UNANSWERED):
        at = row["created_at"] + HOUR_US // 2
        row |= {"response_text": ANSWER, "response_is_public": True, "responded_at": at, "status": "responded"}
        row |= {"updated_at": at, "version": row["version"] + 1}
    for row in draw.sample([row for row in rows if row["status"] == "new"], 60):
        row |= {"status": "resolved", "version": row["version"] + 1}
