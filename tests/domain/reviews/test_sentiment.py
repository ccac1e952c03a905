"""How texts sound, in every language there is a lexicon for."""

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.reviews.lexicon import WORDS
from domain.reviews.sentiment import Sentiment
from domain.reviews.sentiment import sentiment_of

SAID = [
    ("en", "positive", "The pizza was great and the staff very friendly"),
    ("en", "negative", "Cold food, very rude staff"),
    ("en", "neutral", "We ate pasta there"),
    ("de", "positive", "Das Essen war sehr lecker, die Bedienung freundlich."),
    ("de", "negative", "Das Essen war nicht gut und kalt"),
    ("fr", "positive", "C'était délicieux, merci"),
    ("fr", "negative", "Le service était très lent et la viande froide"),
    ("es", "positive", "La comida muy rica y el personal amable"),
    ("es", "negative", "La comida estaba fría y el servicio fatal"),
    ("it", "positive", "Cibo ottimo e personale gentile"),
    ("it", "negative", "Il servizio non era buono, cibo freddo"),
    ("pl", "positive", "Jedzenie było pyszne, obsługa bardzo miła"),
    ("pl", "negative", "Obsługa nie była miła, zupa zimna"),
    ("lt", "positive", "Maistas buvo labai skanus, aptarnavimas puikus"),
    ("lt", "negative", "Maistas šaltas, aptarnavimas lėtas ir grubus"),
    ("pt", "positive", "O atendimento foi muito bom e a comida deliciosa"),
    ("pt", "negative", "A comida estava fria e o atendimento péssimo"),
    ("ja", "positive", "料理はとても美味しかったです。スタッフも親切。"),
    ("ja", "negative", "料理は美味しくなかった。店員の態度が最悪"),
]


@pytest.mark.parametrize(("language", "label", "text"), SAID, ids=[f"{language}-{label}" for language, label, _ in SAID])
def test_text_when_its_language_is_not_named_is_still_understood(language: str, label: str, text: str):
    heard = sentiment_of(text)
    assert (heard.language, heard.label) == (language, label)
    assert sentiment_of(text, language=f"{language}-XX").thousandths == heard.thousandths


@pytest.mark.parametrize(
    ("text", "thousandths"),
    [("", 0), ("12 :-)", 0), ("good", 459), ("very good", 612), ("a bit cold", -250), ("not good", -361),
     ("not bad at all", 361), ("not cheap but great", 459), ("GOOD!!!", 459)],
    ids=["empty", "no-words", "plain", "stronger", "weaker", "turned", "turned-bad", "turned-until-but", "shouted"],
)  # fmt: skip
def test_score_is_what_its_words_weigh(text: str, thousandths: int):
    assert sentiment_of(text, language="en").thousandths == thousandths


@pytest.mark.parametrize(
    ("thousandths", "label"),
    [(-251, "negative"), (-250, "neutral"), (0, "neutral"), (250, "neutral"), (251, "positive")],
    ids=str,
)
def test_label_has_its_limits_in_the_neutral(thousandths: int, label: str):
    assert Sentiment(thousandths, "en").label == label


@settings(max_examples=300)
@given(text=st.text(max_size=300), language=st.sampled_from([None, "xx", *WORDS]))
def test_any_text_has_one_score_within_the_scale(text: str, language: str | None):
    heard = sentiment_of(text, language=language)
    assert -1000 <= heard.thousandths <= 1000
    assert sentiment_of(text, language=language) == heard
