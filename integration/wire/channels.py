"""Knows the many names that Zendesk has for a channel, and which of ours each one is.

It must not know tickets: a name in, a name out.
"""

from __future__ import annotations

from collections.abc import Mapping

# Zendesk's names on the right, ours (LABELS.md's) on the left. The name differs by surface: REST says `email`, events
# say `mail`. https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/
_SPOKEN: Mapping[str, frozenset[str]] = {
    "email": frozenset({"email", "mail"}),
    "web": frozenset({"web", "web_form", "web_widget", "help_center", "helpcenter", "get_satisfaction"}),
    "mobile": frozenset({"mobile", "mobile_sdk", "iphone", "ipad", "android", "ios", "windows_phone", "blackberry"}),
    "api": frozenset({"api", "web_service"}),
    "chat": frozenset({"chat", "chat_transcript", "chat_offline_message", "answer_bot_for_web_widget"}),
    "native_messaging": frozenset(
        {
            "native_messaging",
            "messaging",
            "whatsapp",
            "line",
            "wechat",
            "telegram",
            "viber",
            "kakaotalk",
            "messagebird_sms",
            "twilio_sms",
            "mailgun",
            "apple_business_chat",
            "business_messaging_slack_connect",
            "google_business_messages",
            "google_rcs",
            "instagram_dm",
            "facebook_messenger",
            "twitter_dm",
            "sunshine_conversations_api",
        }
    ),
    "twitter": frozenset({"twitter", "twitter_favorite", "twitter_like", "x"}),
    "facebook": frozenset({"facebook", "facebook_post", "facebook_message"}),
    "sms": frozenset({"sms", "text"}),
    "voice": frozenset(
        {
            "voice",
            "phone",
            "phone_call",
            "phone_call_inbound",
            "phone_call_outbound",
            "api_phone_call_inbound",
            "api_phone_call_outbound",
            "voicemail",
            "api_voicemail",
        }
    ),
}
_BY_NAME = {theirs: ours for ours, names in _SPOKEN.items() for theirs in names}
_CONVERSATIONS_PREFIX = "sunshine_conversations"


def spoken(name: str) -> str:
    """Our word for Zendesk's `via.channel`; a name that is new to us stays as it is, so that it allows nothing."""
    if name.startswith(_CONVERSATIONS_PREFIX):
        return "native_messaging"
    return _BY_NAME.get(name, name)


def is_messaging(name: str) -> bool:
    """Is the conversation held where the tickets API cannot answer it?"""
    return spoken(name) == "native_messaging"
