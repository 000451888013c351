"""한국어: what the suite says, by its English template. Names take no particle."""

from predictive.wording.korean.errors import ERRORS
from predictive.wording.korean.findings import FINDINGS

KOREAN: dict[str, str] = {**ERRORS, **FINDINGS}
