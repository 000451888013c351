"""한국어: features in Korean. Names from the data stay as they are, and take no particle."""

from __future__ import annotations

from predictive.features.names import ANY_EVENT, OTHER_EVENT, Measure
from predictive.features.phrasings.phrasing import Bound, Phrasing, Unit, Words, money, number

WORDS: dict[Measure, Words] = {
    "count": Words("{s} 빈도", "{w} {s} 횟수", "{w} {s} {x}", "{w} {s} 없음"),
    "days_since_last": Words(
        "마지막 {s} 이후 기간", "마지막 {s} 이후 일수", "마지막 {s}: {x} 전", "지금까지 {s} 없음"
    ),
    "days_since_first": Words(
        "첫 {s} 이후 기간", "첫 {s} 이후 일수", "첫 {s}: {x} 전", "지금까지 {s} 없음"
    ),
    "gap_mean": Words(
        "{s} 빈도",
        "서로 다른 날의 {s} 사이 평균 일수",
        "{s} 사이 평균 {x}",
        "다른 날의 두 번째 {s} 아직 없음",
    ),
    "gap_spread": Words(
        "{s} 빈도",
        "서로 다른 날의 {s} 사이 일수의 변동 폭",
        "{s} 사이 일수의 변동 폭 {x}",
        "다른 날의 두 번째 {s} 아직 없음",
    ),
    "gap_last": Words(
        "{s} 빈도",
        "{s} 있던 최근 두 날 사이의 일수",
        "{s} 있던 최근 두 날 사이 {x}",
        "다른 날의 두 번째 {s} 아직 없음",
    ),
    "gap_now_to_mean": Words(
        "마지막 {s} 이후 기간",
        "마지막 {s} 이후 기간과 평소 간격의 비율",
        "마지막 {s} 이후 기간: 평소 간격의 {x}",
        "다른 날의 두 번째 {s} 아직 없음",
    ),
    "trend": Words(
        "{s} 빈도",
        "{w} {s} 빈도와 최근 {longer}일간 빈도의 비율",
        "{w} {s} 빈도: 최근 {longer}일간의 {x}",
        "지금까지 {s} 없음",
    ),
    "active_days": Words("활동성", "{w} 활동한 일수", "{w} 활동한 날 {x}", "활동한 적 없음"),
    "days_with": Words("{s} 빈도", "{w} {s} 있던 날의 수", "{w} {s} 있던 날 {x}", "{w} {s} 없음"),
    "part_of_time": Words(
        "요일과 시간대 습관", "{part} 이벤트의 비율", "{part} 이벤트 {x}", "지금까지 이벤트 없음"
    ),
    "amount_sum": Words("금액", "{w}{m} 지출 합계", "{w}{m} 지출 {x}", "{w}{m} 지출 없음"),
    "amount_mean": Words("금액", "{w} 1회 평균 지출", "{w} 1회 평균 지출 {x}", "{w} 지출 없음"),
    "amount_max": Words("금액", "1회 최대 지출", "1회 최대 지출 {x}", "지금까지 지출 없음"),
    "amount_last": Words("금액", "마지막 지출", "마지막 지출 {x}", "지금까지 지출 없음"),
    "distinct": Words(
        "{k}의 다양성",
        "지금까지 서로 다른 {k}의 수",
        "지금까지 서로 다른 {k}: {x}",
        "지금까지 {k} 없음",
    ),
    "distinct_share": Words(
        "{k}의 다양성",
        "지금까지의 {k} 가운데 고객에게 처음인 비율",
        "지금까지의 {k} 가운데 처음인 비율 {x}",
        "지금까지 {k} 없음",
    ),
    "property_mean": Words(
        "{s}", "지금까지의 평균 {s}", "지금까지의 평균 {s} {x}", "지금까지 {s} 없음"
    ),
    "property_last": Words("{s}", "마지막 {s}", "마지막 {s} {x}", "지금까지 {s} 없음"),
    "property_sum": Words("{s}", "{w} {s} 합계", "{w} {s} 합계 {x}", "{w} {s} 없음"),
    "answered": Words(
        "메시지 반응", "메시지 {s} 비율", "메시지 {s} 비율 {x}", "지금까지 보낸 메시지 없음"
    ),
    "attribute_number": Words("{s}", "{s}", "{s} {x}", "{s} 알 수 없음"),
    "attribute_value": Words("{s}", "{s}: {v}", "{s}: {v}", "{s} 알 수 없음"),
    "own": Words("{s}", "{s}", "{s} {x}", "{s} 알 수 없음"),
}

_SUBJECTS = {
    ANY_EVENT: "이벤트",
    OTHER_EVENT: "그 밖의 이벤트",
    "opened": "열람",
    "clicked": "클릭",
}
_BOUNDS: dict[Bound, str] = {"": "", "or more": " 이상", "or less": " 이하"}
_UNITS: dict[Unit, str] = {"times": "회", "days": "일", "percent": " %", "ratio": "배"}

_PARTS = {
    "weekend": "주말",
    "night": "밤(0~6시)",
    "morning": "오전(6~12시)",
    "afternoon": "오후(12~18시)",
    "evening": "저녁(18~24시)",
}


class Korean(Phrasing):
    """한국어."""

    words = WORDS
    parts = _PARTS
    is_not = "{s}: {v} 아님"
    none_of, count_of, events_of = "{w} {s} 없음", "{w} {s} {x}", "{w} {x}"
    any_once, other_once = "{w} 이벤트 있음", "{w} 그 밖의 이벤트 있음"
    once_within, once_ever = "{w} {s} 있음", "{s} 1회 이상"
    products, values_of, with_money = "상품", "{s} 값", " {s}"
    unknown, yes, no, none = "알 수 없음", "예", "아니요", "없음"

    def subject(self, name: str) -> str:
        """Names of our own are translated, and what joins several."""
        return _SUBJECTS.get(name) or name.replace(" or ", " 또는 ")

    def lookback(self, days: int | None) -> str:
        """Such as 최근 28일간."""
        return "지금까지" if days is None else f"최근 {days}일간"

    def amount(self, value: float, unit: Unit, bound: Bound) -> str:
        """Such as 3회 이상."""
        shown = f"{100 * value:.0f}" if unit == "percent" else number(value)
        return (money(value) if unit == "money" else shown + _UNITS.get(unit, "")) + _BOUNDS[bound]

    def events(self, value: float, subject: str, bound: Bound) -> str:
        """Such as 이벤트 9건 이상."""
        return f"{self.subject(subject)} {number(value)}건{_BOUNDS[bound]}"
