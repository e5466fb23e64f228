"""Mail that no person wrote, by its sender, subject and words.

It must not test what is done with it.
"""

from __future__ import annotations

import pytest

from integration.analysis.machine import find


@pytest.mark.parametrize(
    ("subject", "text", "sender"),
    [
        ("", "hello", "MAILER-DAEMON@mx.example"),
        ("", "hello", "postmaster@example.com"),
        ("", "hello", "no-reply@shop.example"),
        ("", "hello", "noreply+12@shop.example"),
        ("", "hello", "do-not-reply@shop.example"),
        ("", "hello", "bounces-77@lists.example"),
        ("Automatic reply: Order", "Automatic reply: Order\n\nhello", ""),
        ("Out of Office", "hello", ""),
        ("Abwesenheitsnotiz: Rechnung", "hello", ""),
        ("Réponse automatique : facture", "hello", ""),
        ("Undeliverable: your ticket", "hello", ""),
        ("", "I am out of the office until 4 January.", ""),
        ("", "I'm on annual leave until Monday", ""),
        ("", "This is an automatically generated message, please do not reply to this email.", ""),
        ("", "This mailbox is not monitored.", ""),
        ("", "Ich bin bis 5. März nicht im Büro und ab Montag wieder erreichbar.", ""),
        ("", "Je suis absent jusqu'au 5 mars", ""),
    ],
)
def test_hears_a_machine(subject: str, text: str, sender: str) -> None:
    """Each of the three ways to tell is enough."""
    assert find(subject, text, sender)


@pytest.mark.parametrize(
    ("subject", "text", "sender"),
    [
        ("Order 12", "Where is my order?", "norah.eply@example.com"),
        ("Automatic watch", "The automatic watch stopped", "ana@example.com"),
        ("Office chair", "The office chair came without wheels", "reporter@example.com"),
        ("", "I will be away next week, can you leave the parcel with number 9?", ""),
        ("", "Why do I only get an automatic answer?", ""),
    ],
)
def test_leaves_a_person_alone(subject: str, text: str, sender: str) -> None:
    """Words that machines use too do not make a machine."""
    assert not find(subject, text, sender)
