"""The only place that joins the parts.

It must not decide, translate or hold a rule of the product.
"""

from integration.assembly.keys import PASSWORD_FILE, Seal, generated_key, generated_password, worker_name
from integration.assembly.parts import ROOT, WEBHOOK_SECRET, Assembly, create_app, now

__all__ = [
    "PASSWORD_FILE",
    "ROOT",
    "WEBHOOK_SECRET",
    "Assembly",
    "Seal",
    "create_app",
    "generated_key",
    "generated_password",
    "now",
    "worker_name",
]
