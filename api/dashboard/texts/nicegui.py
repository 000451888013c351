"""What NiceGUI itself says, in the languages of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui.language import Language as NiceguiLanguage
from nicegui.translations import translations

from api.dashboard.texts import Language

NICEGUI_LANGUAGES: Mapping[Language, NiceguiLanguage] = {"en": "en-US", "ko": "ko-KR"}

#: Which NiceGUI does not have.
translations["ko-KR"] = {
    "connection_lost": "연결이 끊어졌습니다.",
    "trying_to_reconnect": "다시 연결하는 중 …",
    "message_too_long": "내용이 너무 깁니다.",
    "message_too_long_body": "한 번에 보내기에는 내용이 너무 큽니다.",
}
