"""What a page must be for everybody who opens it: axe-core's verdict, room on a small screen, a focus that is seen.

It must not know whose page it looks at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped] # it ships no types
from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

from tests.e2e.test_way_out import luminance

# WCAG 2.2 at levels A and AA; axe's "best-practice" rules ask for landmarks and the order of headings besides.
# https://www.deque.com/axe/core-documentation/api-documentation/#axecore-tags
STANDARD: Any = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# https://www.w3.org/TR/WCAG22/#focus-appearance: thickness in CSS pixels, and contrast with what is around it.
THINNEST_FOCUS_PX, LEAST_FOCUS_CONTRAST = 2, 3.0
# How much around an element is looked at for its focus ring, in CSS pixels.
AROUND_PX = 8
# The room that a browser keeps for the arrow of a list, in CSS pixels; Chromium takes 16 or so.
ARROW_PX = 20

_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  const out = e => e.getBoundingClientRect().right > room + 0.5;
  const full = e => e.clientWidth && e.scrollWidth > e.clientWidth + 1;
  const apart = e => e.closest("select > *, .scroll, .hidden, .skip");
  const all = [...document.querySelectorAll("html, body, body *")];
  return all.filter(e => (out(e) || full(e)) && !apart(e)).map(e => e.outerHTML.slice(0, 120));
}"""
_CUT_OFF = """arrow => [...document.querySelectorAll("select")].flatMap(list => {
  const style = getComputedStyle(list), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = list.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - arrow;
  return [...list.options].map(one => one.text).filter(words => pen.measureText(words).width > room);
})"""
_MOVING = """() => [...document.querySelectorAll("*")].filter(e => {
  const style = getComputedStyle(e);
  return style.animationName !== "none" || style.transitionDuration !== "0s" || style.scrollBehavior === "smooth";
}).map(e => e.outerHTML.slice(0, 120))"""
_FOCUS = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  let ground = "";
  for (let up = parseFloat(style.outlineOffset) < 0 ? e : e.parentElement; up && !ground; up = up.parentElement) {
    const colour = getComputedStyle(up).backgroundColor;
    if (!colour.endsWith(", 0)")) ground = colour;
  }
  return {x: box.x, y: box.y, width: box.width, height: box.height, ring: parseFloat(style.outlineWidth),
          style: style.outlineStyle, colour: style.outlineColor, ground,
          name: e === document.body ? "" : (e.labels?.[0]?.innerText || e.innerText).trim()};
}"""


def faults(page: Page, *, by_night: bool = True) -> list[str]:
    """What axe-core finds on the open page, a line for each rule and element; by night the colours are judged anew."""
    page.emulate_media(color_scheme="light")
    page.evaluate(AXE_SCRIPT)
    found = _judged(page, STANDARD)
    if not by_night:
        return found
    page.emulate_media(color_scheme="dark")
    return found + _judged(page, {"type": "rule", "values": ["color-contrast"]})


def too_wide(page: Page) -> list[str]:
    """Elements that make the page scroll sideways or whose words do not fit into them; boxes that scroll are apart."""
    return list(page.evaluate(_TOO_WIDE))


def cut_off(page: Page) -> list[str]:
    """Options that are too long for their closed list: a browser does not break such a line."""
    return list(page.evaluate(_CUT_OFF, ARROW_PX))


def moving(page: Page) -> list[str]:
    """Elements that would move, for somebody who asked their system for less motion."""
    return list(page.evaluate(_MOVING))


def seen_focus(page: Page) -> str:
    """The name of what has the focus, after a look whether a person can see that it has; the focus is gone then.

    The keyboard goes on from there: browsers keep the place where the focus was last.
    """
    focus = page.evaluate(_FOCUS)
    if not focus["name"]:
        return ""
    size = page.viewport_size
    assert size is not None
    assert focus["y"] >= 0, focus
    assert focus["y"] + focus["height"] <= size["height"], focus
    assert focus["style"] == "solid", focus
    assert focus["ring"] >= THINNEST_FOCUS_PX, focus
    assert contrast(focus["colour"], focus["ground"]) >= LEAST_FOCUS_CONTRAST, focus
    place: Any = {
        "x": max(0, focus["x"] - AROUND_PX),
        "y": max(0, focus["y"] - AROUND_PX),
        "width": focus["width"] + 2 * AROUND_PX,
        "height": focus["height"] + 2 * AROUND_PX,
    }
    with_focus = page.screenshot(clip=place)
    page.evaluate("document.activeElement.blur()")
    assert page.screenshot(clip=place) != with_focus, focus
    return str(focus["name"])


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as a browser computes them, such as `rgb(1, 2, 3)`."""
    low, high = sorted(luminance(_hex(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """An application on a free loopback port; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _judged(page: Page, rules: Any) -> list[str]:
    found = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)
    assert "color-contrast" in {rule["id"] for rule in found["passes"] + found["violations"]}, "axe saw no words"
    return [
        f"{page.url}: {rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def _hex(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])
