"""한국어."""

from __future__ import annotations

from api.dashboard.texts.korean.builder import BUILDER
from api.dashboard.texts.korean.pages import PAGES
from api.dashboard.texts.korean.quality import QUALITY
from api.dashboard.texts.korean.simulator import SIMULATOR

KOREAN = PAGES | QUALITY | SIMULATOR | BUILDER
