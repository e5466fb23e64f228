"""A Zendesk app of a few lines, made and installed as any other is: what the desk shows and signs is tried with it.

It must not know how the desk hosts it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

KEY = "k" * 40
"""The secure setting that tokens are signed with."""

MANIFEST: Any = {
    "name": "Tiny",
    "version": "1.2",
    "frameworkVersion": "2.0",
    "location": {
        "support": {
            "ticket_sidebar": {"url": "assets/page.html", "flexible": True},
            "background": "assets/page.html",
            "nav_bar": {"url": "assets/page.html"},
        }
    },
    "parameters": [
        {"name": "server", "type": "url", "required": True},
        {"name": "shared_value", "type": "text", "required": True, "secure": True, "scopes": ["jwt_secret_key"]},
        {"name": "pass_phrase", "type": "text", "secure": True, "scopes": ["header"]},
        {"name": "anywhere", "type": "text", "secure": True},
    ],
    "domainWhitelist": ["127.0.0.1", "*.good.example", "ported.example:8443"],
}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Tiny</title>
<script src="https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js"></script>
<script type="module" src="page.js"></script><h1 id="out">waiting</h1></html>"""
SCRIPT = """window.seen = [];
// Waits for so many events; a page under a policy cannot be asked to evaluate the condition again and again.
window.untilSeen = (count) => new Promise((done, failed) => {
  const started = Date.now();
  const look = setInterval(() => {
    if (seen.length < count && Date.now() - started < 8000) return;
    clearInterval(look);
    if (seen.length < count) failed(`heard only ${JSON.stringify(seen)}`); else done(seen);
  }, 20);
});
const out = document.getElementById("out");
window.client = ZAFClient.init(({context}) => { out.textContent = `at ${context.location}`; });
window.hear = (event) => client.on(event, (value) => { seen.push([event, value ?? null]); });
hear("app.activated");
"""


def package(manifest: Mapping[str, Any] = MANIFEST, **files: str | bytes) -> bytes:
    """The app's zip; `files`, by their names below assets, replace or add to what it holds."""
    held: dict[str, str | bytes] = {"page.html": PAGE, "page.js": SCRIPT, **files}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        for name, content in held.items():
            archive.writestr(f"assets/{name}", content)
    return packed.getvalue()


def install(
    ask: Callable[..., Any], content: bytes | None = None, server: str = "http://127.0.0.1:9", **more: Any
) -> int:
    """Upload and install the app through the desk's API; gives the installation's id.

    `ask(method, path, json=…, files=…)` gives the answer's JSON.
    """
    upload = ask("POST", "/api/v2/apps/uploads.json", files={"uploaded_data": content or package()})
    job = ask("POST", "/api/v2/apps.json", json={"name": "Tiny", "upload_id": upload["id"]})
    app_id = ask("GET", f"/api/v2/apps/job_statuses/{job['job_id']}.json")["app_id"]
    settings = {"server": server, "shared_value": KEY, "pass_phrase": "open-sesame", "anywhere": "here", **more}
    made = ask("POST", "/api/v2/apps/installations.json", json={"app_id": app_id, "settings": settings})
    return int(made["id"])
