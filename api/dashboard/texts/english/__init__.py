"""English."""

from __future__ import annotations

from api.dashboard.texts.english.builder import BUILDER
from api.dashboard.texts.english.pages import PAGES
from api.dashboard.texts.english.quality import QUALITY
from api.dashboard.texts.english.simulator import SIMULATOR

ENGLISH = PAGES | QUALITY | SIMULATOR | BUILDER
