"""한국어: 점검과 학습이 찾아낸 것."""

from __future__ import annotations

FINDINGS = {
    "{one} {other}": "{one} {other}",
    "{one}; {other}": "{one}; {other}",
    "{one} or {other}": "{one} 또는 {other}",
    # Kinds of alerts.
    "An event no longer comes in, or hardly.": (
        "어떤 이벤트가 더 이상, 또는 거의 들어오지 않습니다."
    ),
    "An event comes in far less than its weekly rhythm promises.": (
        "어떤 이벤트가 평소 주간 흐름보다 훨씬 적게 들어옵니다."
    ),
    "An import held far more rows than usual that were there already.": (
        "가져온 파일에 이미 있던 행이 평소보다 훨씬 많았습니다."
    ),
    "An import held far more rows than usual that could not be read.": (
        "가져온 파일에 읽을 수 없는 행이 평소보다 훨씬 많았습니다."
    ),
    "Events come later than they used to, or nothing comes at all.": (
        "이벤트가 전보다 늦게 들어오거나 전혀 들어오지 않습니다."
    ),
    "The customers who are scored differ from those the model learned from.": (
        "점수를 받는 고객이 모델이 학습한 고객과 다릅니다."
    ),
    "The scores are spread differently than in the backtest.": "점수 분포가 백테스트와 다릅니다.",
    "The actual Prediction Quality is below what the backtest lets expect.": (
        "실제 예측 품질이 백테스트에서 기대한 것보다 낮습니다."
    ),
    "What happens is more, less, or less decided than the probabilities say.": (
        "실제 결과가 확률이 말한 것보다 많거나, 적거나, 덜 뚜렷합니다."
    ),
    "The outcome comes true for far more or far fewer than it used to.": (
        "결과가 실현되는 고객이 전보다 훨씬 많거나 적습니다."
    ),
    "A training found the recent data broken and kept the champion.": (
        "학습 중에 최근 데이터의 이상을 발견하여 기존 모델을 유지했습니다."
    ),
    "A job of the schedule failed.": "예약된 작업이 실패했습니다.",
    "Many customers do something that a model has not learned from yet.": (
        "많은 고객이 모델이 아직 배우지 않은 행동을 하고 있습니다."
    ),
    # What was seen.
    (
        "Event {name!r} is new: it first came on {first}, and {customers:,} of the {active:,} "
        "customers active in the last {days} days ({share:.0%}) did it. {who_misses}"
    ): (
        "이벤트 {name!r}: 새로운 이벤트입니다. {first}에 처음 들어왔고, 최근 {days}일간 활동한 "
        "고객 {active:,}명 중 {customers:,}명({share:.0%})이 했습니다. {who_misses}"
    ),
    (
        "{events} events are new, most of all {names}: up to {share:.0%} of the customers active "
        "in the last {days} days did them. {who_misses}"
    ): (
        "새로운 이벤트가 {events}개 있습니다. 특히 {names}: 최근 {days}일간 활동한 고객의 최대 "
        "{share:.0%}가 했습니다. {who_misses}"
    ),
    (
        "The model of {names} has learned from what came before {until}, which holds too little "
        "of it."
    ): "{names} 모델은 {until} 이전의 데이터로 배웠고, 그 안에는 이 이벤트가 너무 적습니다.",
    (
        "The models of {names} have learned from what came before {until}, which holds too little "
        "of it."
    ): "{names} 모델들은 {until} 이전의 데이터로 배웠고, 그 안에는 이 이벤트가 너무 적습니다.",
    (
        "No event has come in since {since} UTC, for {days:.1f} days; the longest wait of the "
        "weeks before was {longest:.1f} days."
    ): (
        "{since} UTC 이후 {days:.1f}일 동안 이벤트가 들어오지 않았습니다. 지난 몇 주 동안 가장 "
        "길었던 간격은 {longest:.1f}일이었습니다."
    ),
    (
        "{share:.1%} of the events received on {day} were more than a day older than others that "
        "were there already; it was {before:.1%} in the weeks before. Scores made meanwhile did "
        "not know of them."
    ): (
        "{day}에 받은 이벤트의 {share:.1%}가 이미 있던 이벤트보다 하루 이상 오래된 것이었습니다. "
        "지난 몇 주 동안은 {before:.1%}였습니다. 그사이에 계산한 점수에는 반영되지 않았습니다."
    ),
    (
        "{share:.1%} of the rows of import {name} ({noun}) were refused; it was {usual:.1%} in the "
        "{imports} imports before it."
    ): (
        "가져오기 {name}({noun})에서 행의 {share:.1%}가 거부되었습니다. 그 전 {imports}번의 "
        "가져오기에서는 {usual:.1%}였습니다."
    ),
    (
        "{share:.1%} of the rows of import {name} ({noun}) were there already; it was {usual:.1%} "
        "in the {imports} imports before it."
    ): (
        "가져오기 {name}({noun})에서 행의 {share:.1%}가 이미 있던 것이었습니다. 그 전 "
        "{imports}번의 가져오기에서는 {usual:.1%}였습니다."
    ),
    "{observed:,} came where about {expected:,.0f} were to be expected": (
        "약 {expected:,.0f}건이 예상되는데 {observed:,}건이 들어왔습니다"
    ),
    (
        "from {counted_from} on {observed:,} came where about {expected:,.0f} were to be expected"
    ): "{counted_from}부터 약 {expected:,.0f}건이 예상되는데 {observed:,}건이 들어왔습니다",
    ", while the other events kept their level": "(다른 이벤트는 평소 수준을 유지)",
    "Event {name!r} has stopped since {since}: {came}{where}.": (
        "이벤트 {name!r}: {since}부터 멈췄습니다. {came}{where}."
    ),
    "Event {name!r} has fallen since {since}: {came}{where}.": (
        "이벤트 {name!r}: {since}부터 줄었습니다. {came}{where}."
    ),
    "All events have stopped since {since}: {came}.": (
        "모든 이벤트가 {since}부터 멈췄습니다. {came}."
    ),
    "All events have fallen since {since}: {came}.": (
        "모든 이벤트가 {since}부터 줄었습니다. {came}."
    ),
    (
        "{moved} of {features} features of the customers scored on {day} lie further from those "
        "version {version} learned from than they usually move, most of all: {words}."
    ): (
        "{day}에 점수를 받은 고객의 특성 {features}개 중 {moved}개가 버전 {version}이(가) 학습한 "
        "것에서 평소보다 크게 벗어났습니다. 특히: {words}."
    ),
    (
        "The scores of {day} are spread differently than those of version {version} in its "
        "backtest (population stability {psi:.2f}, usual up to {threshold:.2f})."
    ): (
        "{day}의 점수 분포가 버전 {version}의 백테스트와 다릅니다(안정성 지수 {psi:.2f}, 평소 "
        "{threshold:.2f} 이하)."
    ),
    "Of the customers scored on {day}: {found}.": "{day}에 점수를 받은 고객: {found}.",
    (
        "the actual Prediction Quality was {actual:.0f} where the backtest lets expect "
        "{expected:.0f}, which is more than chance and usual change explain"
    ): (
        "실제 예측 품질은 {actual:.0f}로, 백테스트에서 기대한 {expected:.0f}보다 우연과 통상적인 "
        "변동으로 설명되지 않을 만큼 낮았습니다"
    ),
    "it came true {ratio:.2f} times as often as the probabilities added up to": (
        "확률의 합보다 {ratio:.2f}배 많이 실현되었습니다"
    ),
    "the probabilities were too extreme (calibration slope {slope:.2f}, 1 is right)": (
        "확률이 지나치게 극단적이었습니다(보정 기울기 {slope:.2f}, 1이 정확)"
    ),
    "the probabilities were not decided enough (calibration slope {slope:.2f}, 1 is right)": (
        "확률이 충분히 뚜렷하지 않았습니다(보정 기울기 {slope:.2f}, 1이 정확)"
    ),
    "it came true for {actual:.1%}, in the snapshots of the backtest for {expected:.1%}": (
        "실현 비율은 {actual:.1%}, 백테스트 시점에서는 {expected:.1%}였습니다"
    ),
    "The recent data are broken, so the champion stays: {broken}": (
        "최근 데이터에 이상이 있어 기존 모델을 유지합니다. {broken}"
    ),
    "A job of the schedule ({kind}) failed: {reason}": (
        "예약된 작업({kind})이 실패했습니다: {reason}"
    ),
    "build": "빌드",
    "train": "학습",
    "score": "점수 계산",
    "evaluate": "평가",
    "check": "점검",
    "compact": "정리",
    "Unforeseen: {kind}: {reason}": "예상하지 못한 오류: {kind}: {reason}",
    (
        "The job ended the worker each time it was tried, most likely by lack of memory. See the "
        "worker's log, free memory, and start another one."
    ): (
        "작업을 시도할 때마다 작업자가 종료되었습니다. 메모리 부족일 가능성이 큽니다. 작업자의 "
        "로그를 확인하고 메모리를 확보한 뒤 다시 시작하세요."
    ),
    # Outcomes that can't be compared.
    (
        "{sends:,} send without a holdout reached users of this run ({reached:,} were reached in "
        "all): what the messages caused can't be told from what would have happened anyway."
    ): (
        "대조군 없는 발송 {sends:,}건이 이 점수의 고객에게 도달했습니다(모두 {reached:,}명). "
        "메시지의 영향과 어차피 일어났을 일을 구별할 수 없습니다."
    ),
    (
        "{sends:,} sends without a holdout reached users of this run ({reached:,} were reached in "
        "all): what the messages caused can't be told from what would have happened anyway."
    ): (
        "대조군 없는 발송 {sends:,}건이 이 점수의 고객에게 도달했습니다(모두 {reached:,}명). "
        "메시지의 영향과 어차피 일어났을 일을 구별할 수 없습니다."
    ),
    # What looks like a leak.
    (
        "“{feature}” alone tells the outcome nearly without an error (AUC {auc:.3f}, where 1 is "
        "perfect).{more}"
    ): (
        "“{feature}” 하나만으로 결과를 거의 틀림없이 알 수 있습니다(AUC {auc:.3f}, 1이면 "
        "완벽).{more}"
    ),
    (
        "Of {users:,} customers with “{words}”, {percent:.1f} % had the outcome; of all, "
        "{average:.1f} %.{more}"
    ): (
        "“{words}”인 고객 {users:,}명 중 {percent:.1f} %에서 결과가 일어났습니다. 전체에서는 "
        "{average:.1f} %입니다.{more}"
    ),
    " It has no time, so it may be newer than the outcome.": (
        " 시각이 없으므로 결과보다 나중에 기록되었을 수 있습니다."
    ),
    " Longer ago, it says much less.": " 더 오래된 것은 훨씬 적게 알려 줍니다.",
    "{name} known": "{name} 알려짐",
    "{low} to {high:g}": "{low} ~ {high:g}",
    (
        "{name} announces {target}: {percent:.1f} % of {events:,} occurrences were followed by "
        "{target} within {hours} hours, typically after {lead:.0f}; of the same customers' other "
        "events, {average:.1f} %."
    ): (
        "{name} 다음에는 곧 {target}이(가) 옵니다. {events:,}번 중 {percent:.1f} %에서 "
        "{hours}시간 안에, 보통 {lead:.0f}시간 뒤에 {target}이(가) 뒤따랐습니다. 같은 고객의 다른 "
        "이벤트에서는 {average:.1f} %입니다."
    ),
    (
        "{name} hardly happens without {target}: of {users:,} customers with it in {days} days, "
        "{percent:.1f} % also have {target} in them."
    ): (
        "{name}은(는) {target} 없이 거의 일어나지 않습니다. {days}일 안에 있었던 고객 "
        "{users:,}명 중 {percent:.1f} %에 {target}도 있습니다."
    ),
    (
        "If it is stamped earlier than the {target} that it belongs to, it gives that away: check, "
        "or put it under exclude_features."
    ): (
        "함께 일어난 {target}보다 이른 시각으로 기록되면 결과를 미리 알려 줍니다. 확인하거나 "
        "exclude_features에 넣으세요."
    ),
    (
        "If {name} is recorded because of the outcome, or dated back, put it under "
        "exclude_features. If it truly happens before, all is well."
    ): (
        "{name}이(가) 결과 때문에 기록되거나 소급된 것이라면 exclude_features에 넣으세요. 실제로 "
        "먼저 일어난다면 문제없습니다."
    ),
    (
        "If {name} is filled in because of the outcome, put it under exclude_features; if it was "
        "known before, import it with its time."
    ): (
        "{name}이(가) 결과 때문에 채워진 것이라면 exclude_features에 넣으세요. 먼저 알려진 "
        "것이라면 시각과 함께 가져오세요."
    ),
    (
        "Too good is seldom true: look at when it is recorded, and put it under exclude_features "
        "if that is after the outcome."
    ): (
        "지나치게 좋은 것은 드물게만 사실입니다. 언제 기록되는지 확인하고, 결과 이후라면 "
        "exclude_features에 넣으세요."
    ),
    (
        "Attributes without a time: {names}. The model takes them as true at every moment of the "
        "past."
    ): ("시각이 없는 속성: {names}. 모델은 과거의 모든 시점에 참이었다고 봅니다."),
    (
        "An attribute without a time: {names}. The model takes it as true at every moment of the "
        "past."
    ): ("시각이 없는 속성: {names}. 모델은 과거의 모든 시점에 참이었다고 봅니다."),
    (
        "If values change, import them with the time from which they hold: else the past is "
        "explained by what was only known later."
    ): (
        "값이 바뀐다면 언제부터의 값인지 시각과 함께 가져오세요. 그러지 않으면 나중에야 알려진 "
        "것으로 과거를 설명하게 됩니다."
    ),
}
