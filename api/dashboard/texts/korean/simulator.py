"""한국어: the simulator."""

from __future__ import annotations

SIMULATOR = {
    "simulator.unscored": "아직 점수가 없습니다",
    "simulator.unscored.next": "예측을 빌드하세요. 모델을 학습하고, 정확도를 측정하고, 모든 "
    "고객에게 점수를 줍니다.",
    "simulator.build": "지금 빌드",
    "simulator.build.asked": "빌드가 대기 중입니다. 작업 메뉴에서 진행 상황을 볼 수 있습니다.",
    "simulator.scored": "고객 {users}명, 기준 시점 {moment}, 모델 {version}",
    "simulator.scored.segment": "그중 {users}명이 {segment}에 속함, 기준 시점 {moment}, 모델 "
    "{version}",
    "simulator.distribution": "점수 분포",
    "simulator.distribution.term": "점수(score): 50은 평균 고객, 75는 오즈(odds)가 세 배, 100은 "
    "확실함을 뜻합니다.",
    "simulator.distribution.chart": "막대 그래프: 20개 점수 구간별 고객 수",
    "simulator.outcome": "예상되는 결과",
    "simulator.among": "대상",
    "simulator.everybody": "점수가 있는 모든 고객",
    "simulator.customers": "고객 수",
    "simulator.range": "점수 {low} ~ {high}",
    "simulator.nobody.above": "점수가 {low} 이상인 고객이 없습니다. 가장 높은 점수는 "
    "{highest}입니다. 아래쪽 손잡이를 그보다 낮추세요.",
    "simulator.nobody.odds": "점수가 {low} 이상(평균 오즈의 {odds}배)인 고객이 없습니다. 가장 높은 "
    "점수는 {highest}입니다. 아래쪽 손잡이를 그보다 낮추세요.",
    "simulator.nobody.range": "이 구간의 점수를 가진 고객이 없습니다. 점수는 {low}에서 "
    "{high}까지입니다. 손잡이 사이를 넓히세요.",
    "simulator.nobody.limit": "이 한도로는 아무에게도 보낼 수 없습니다. 한도를 늘리세요.",
    "simulator.nobody.unscored": "여기에는 점수가 있는 고객이 없습니다. 다른 세그먼트를 고르세요.",
    "simulator.spoken": "도달 {reached}명, 예상 적중 {hits}명.",
    "simulator.lowest": "최저 점수",
    "simulator.highest": "최고 점수",
    "simulator.limit": "한도",
    "simulator.limit.none": "한도 없음",
    "simulator.limit.messages": "메시지 수",
    "simulator.limit.budget": "예산",
    "simulator.limit.messages.short": "메시지 최대 {limit}건",
    "simulator.limit.budget.short": "예산 최대 {limit}",
    "simulator.at_most": "최대",
    "simulator.reach": "도달 고객",
    "simulator.reach.share": "점수가 있는 전체 고객의 {share}",
    "simulator.reach.share.segment": "세그먼트에 속한 고객의 {share}",
    "simulator.hits.churn": "그중 이탈할 고객",
    "simulator.hits.purchase": "그중 구매할 고객",
    "simulator.hits.event": "그중 행동할 고객",
    "simulator.hits.term": "예상 참 양성(true positive): 확률의 합입니다. 모델이 맞다면 95 % "
    "확률로 이 범위에 들어갑니다.",
    "simulator.precision": "적중 비율",
    "simulator.precision.term": "정밀도(precision): 도달 고객 중 예상 적중 비율입니다.",
    "simulator.lift": "무작위 대비",
    "simulator.lift.term": "리프트(lift): 도달 고객의 적중 비율을 전체의 비율로 나눈 값입니다.",
    "simulator.lift.value": "{lift}배",
    "simulator.green": "찾아낸 고객: 해당하는 전체의 {share}",
    "simulator.green.term": "참 양성률(true positive rate), 재현율 또는 민감도라고도 합니다.",
    "simulator.red": "헛되이 도달: 해당하지 않는 전체의 {share}",
    "simulator.red.term": "거짓 양성률(false positive rate): 1 − 특이도.",
    "simulator.red.count": "{count}명",
    "simulator.basis.change": "범위는 95 % 신뢰구간이며, 우연과 과거 기간 사이의 변동을 모두 "
    "반영합니다.",
    "simulator.basis.usual": "범위는 95 % 신뢰구간이며, 우연과 기간 사이의 통상적인 변동을 "
    "반영합니다. 이 예측의 변동을 알기에는 과거 기간이 너무 적습니다.",
    "simulator.money": "금액",
    "simulator.wrong": "비용과 한도는 0 이상, 메시지로 인한 비율은 0~100 %여야 합니다.",
    "simulator.value": "전환 1건의 가치",
    "simulator.value.churn": "유지한 고객 1명의 가치",
    "simulator.caused": "메시지로 인한 비율, %",
    "simulator.caused.term": "메시지가 없었다면 일어나지 않았을 전환의 비율입니다. 100 %는 모든 "
    "전환을 메시지 덕으로 보는 상한값입니다. 확률은 증분 효과(uplift)가 아닙니다.",
    "simulator.message": "메시지 1건 비용",
    "simulator.incentive": "혜택 1건 비용",
    "simulator.taker": "혜택을 받는 사람",
    "simulator.taker.converters": "전환한 고객",
    "simulator.taker.everyone": "도달한 모든 고객",
    "simulator.cost": "비용",
    "simulator.cost.term": "도달한 모든 고객의 메시지 비용과, 사용될 것으로 예상되는 혜택 "
    "비용입니다.",
    "simulator.revenue": "매출",
    "simulator.revenue.term": "메시지로 인해 일어난 전환의 가치입니다.",
    "simulator.profit": "이익",
    "simulator.profit.term": "기대 이익: 매출에서 비용을 뺀 값입니다. 범위는 적중 수의 범위에서 "
    "나옵니다.",
    "simulator.best": "최적 기준점: {threshold}. 고객 {reached}명에게 도달하고 이익은 "
    "{profit}입니다({low} ~ {high}).",
    "simulator.best.flat": "{low}에서 {high} 사이라면 이익의 95 %가 유지됩니다. 정확히 맞출 "
    "필요는 없습니다.",
    "simulator.best.none": "이 가격에서는 보내지 않는 것이 가장 좋습니다.",
    "simulator.best.use": "최적 기준점 사용",
    "simulator.curve": "기준점별 이익",
    "simulator.curve.term": "이익 곡선(profit curve): 각 기준점 이상인 모든 고객에게 도달할 때의 "
    "이익입니다. 음영: 최대 이익의 95 %가 유지되는 구간.",
    "simulator.curve.chart": "선 그래프: 기준점마다의 이익",
    "simulator.threshold": "기준점",
    "simulator.uplift": "확률은 누가 떠날지를 말할 뿐, 메시지로 누구를 붙잡을지는 말하지 않습니다.",
    "simulator.scenarios": "비교",
    "simulator.scenarios.empty": "선택을 보관하면 다른 선택과 비교할 수 있습니다.",
    "simulator.keep": "이 선택 보관",
    "simulator.usual": "75와 50 비교",
    "simulator.use": "사용",
    "simulator.scores": "점수",
    "simulator.green.short": "찾아냄",
    "simulator.red.short": "헛되이",
    "simulator.money.missing": "전환의 가치를 입력하면 최적 기준점이 나타납니다.",
    "simulator.drop": "제거",
    "simulator.segment": "세그먼트 만들기",
    "simulator.segment.about": "세그먼트는 항상 최신입니다. 해당 점수를 가진 고객이 자동으로 "
    "포함됩니다.",
    "simulator.segment.describes": "{prediction} 점수 {low} ~ {high}",
    "simulator.segment.name": "세그먼트 이름",
    "simulator.segment.save": "저장",
    "simulator.segment.saved": "저장됨: {name}, 고객 {users}명.",
    "simulator.segment.replaces": "같은 이름의 세그먼트가 있습니다. 다른 이름을 고르세요.",
}
