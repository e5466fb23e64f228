"""Which order number a ticket names, and that two are none."""

from __future__ import annotations

import pytest
from hypothesis import given

from integration.model import Ticket, Who
from integration.policy import orders
from tests import strategies as make
from tests.strategies import message, ticket


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Where is my order 40031?", ("40031",)),
        ("order no. 48213 please", ("48213",)),
        ("Order ID: XK2231. Where is it", ("XK2231",)),
        ("my order number is 55123", ("55123",)),
        ("#4711 where?", ("4711",)),
        ("It is AB-1234, once more ab-1234: order AB-1234", ("AB-1234",)),
        ("Orders 1001 and 1002 are late", ("1001", "1002")),
        ("order 1001 came, order 1002 did not", ("1001", "1002")),
        ("order #A-1234 and invoice INV-9931", ("A-1234",)),
        ("Meine Bestellung 77123 fehlt", ("77123",)),
        ("my order from 2024-05-01 has not come", ()),
        ("order 12.03.2025", ()),
        ("an order of 3 shirts", ()),
        ("invoice AB-12345 please", ()),
        ("my tracking number is JD01460003", ()),
        ("> order 40031\nwhere is it", ()),
        ("", ()),
    ],
)
def test_order_numbers_are_found(text: str, numbers: tuple[str, ...]) -> None:
    """Named or plain ones, each once; dates, counts and other kinds of numbers are none."""
    assert orders.order_numbers(ticket(subject="", messages=(message(text),))) == numbers


def test_the_newest_message_goes_before_earlier_ones() -> None:
    """An earlier number counts where the newest message names none; what an agent wrote never does."""
    agent = message("Order 99999 is on its way", id=1001, who=Who.AGENT)
    talk = (message("order 40031"), agent, message("where is it?", id=1002))
    assert orders.order_numbers(ticket(subject="", messages=talk)) == ("40031",)
    talk = (message("order 40031"), agent, message("and order 40032?", id=1002))
    assert orders.order_numbers(ticket(subject="", messages=talk)) == ("40032",)


def test_two_numbers_fill_no_slot() -> None:
    """Not sure which: the slot stays empty, and says why; the other slots are filled."""
    known, why = orders.slots(ticket(subject="order 1001", messages=(message("order 1002"),), given={77: "gold"}))
    assert (known, why) == (
        {"field_77": "gold", "requester_email": "mary@example.com"},
        {"order_number": orders.SEVERAL},
    )


@given(make.tickets)
def test_a_number_is_always_the_customers_own_words(whole: Ticket) -> None:
    """Nothing is invented: each number stands in the subject or in a message of the customer."""
    said = " ".join([whole.subject, *(m.text for m in whole.messages if m.who is Who.CUSTOMER)])
    assert all(number in said for number in orders.order_numbers(whole))
