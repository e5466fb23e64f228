"""In which language a text is written, and how sure that is.

It must not test what is made of it.
"""

from __future__ import annotations

import pytest

from integration.analysis.language import detect
from integration.analysis.phrases import words


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("wheres my parcel at lads", "en"),
        ("Hello, could you tell me when the order will arrive?", "en"),
        ("Hola, ¿cuándo llega mi pedido? Gracias", "es"),
        ("Bonjour, je voudrais savoir quand arrive mon colis", "fr"),
        ("Guten Tag, wann kommt mein Paket an?", "de"),
        ("Bom dia, quando chega a minha encomenda?", "pt"),
        ("Buongiorno, quando arriva il mio pacco?", "it"),
        ("Goedemorgen, wanneer komt mijn pakket aan?", "nl"),
        ("Где мой заказ?", "ru"),
        ("Де моє замовлення, будь ласка, підкажіть її статус", "uk"),
        ("注文はいつ届きますか", "ja"),
        ("我的订单在哪里", "zh"),
        ("أين طلبي", "ar"),
        ("주문이 언제 도착하나요", "ko"),
        ("Merhaba, kargom nerede kaldı acaba", "und"),
        ("Halo min, paket saya belum sampai juga", "und"),
        ("40028817", "und"),
        ("asdfghjkl", "und"),
        ("", "und"),
    ],
)
def test_hears_the_language(text: str, code: str) -> None:
    """The language is heard, and what is not one of ours is unknown."""
    assert detect(text, words(text)).code == code


def test_is_surer_of_a_sentence_than_of_a_word() -> None:
    """A single word says less than a sentence."""
    one, many = "order", "could you tell me where the order is and when it will be here"
    assert detect(one, words(one)).confidence < detect(many, words(many)).confidence
