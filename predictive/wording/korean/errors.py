"""한국어: 무엇이 잘못되었고, 무엇이 허용되며, 다음에 무엇을 할지."""

from __future__ import annotations

ERRORS = {
    # Of every error.
    "{field} is missing": "{field}: 값이 없습니다",
    "{field} is {value}": "{field}: {value}",
    "{field} is '{value}'": "{field}: {value}",
    "{given}. Allowed: {allowed}.": "{given}. 허용되는 값: {allowed}.",
    "{message} {hint}": "{message} {hint}",
    "There is no {kind} {name}.": "{kind} {name}: 찾을 수 없습니다.",
    "Did you mean {name}?": "{name} 아닌가요?",
    "There is {names}.": "있는 것: {names}.",
    "one of {names}": "{names} 중 하나",
    "one or more of {names}": "{names} 중 하나 이상",
    "nobody": "아무도 없음",
    # What is not found.
    "alert": "알림",
    "API key": "API 키",
    "archived run": "보관된 점수",
    "customer": "고객",
    "evaluation of scoring run": "점수의 평가",
    "export": "내보내기",
    "file (each is kept for a day) of export": "내보내기 파일(하루 동안 보관)",
    "job": "작업",
    "notification": "알림 메시지",
    "prediction": "예측",
    "recipe": "레시피",
    "scoring run": "점수",
    "segment": "세그먼트",
    "send": "발송",
    "user": "고객",
    # The state of things.
    "The store does not answer just now. Try again in a moment.": (
        "지금 저장소가 응답하지 않습니다. 잠시 뒤에 다시 시도하세요."
    ),
    "Prediction {name!r} has no model yet. Train it first.": (
        "예측 {name!r}의 모델이 아직 없습니다. 먼저 학습하세요."
    ),
    (
        "The model was made by another release, which counts features in another way. "
        "Train anew, then score."
    ): (
        "이 모델은 특성을 다르게 집계하는 다른 버전에서 만들어졌습니다. "
        "다시 학습한 다음 점수를 매기세요."
    ),
    (
        "The scores as of {as_of} can't be published: prediction {name!r} has newer ones, as of "
        "{current}."
    ): (
        "{as_of} 기준의 점수는 공개할 수 없습니다. 예측 {name!r}에 {current} 기준의 더 새로운 "
        "점수가 있습니다."
    ),
    "Prediction {name!r} has no scores yet. Score it first.": (
        "예측 {name!r}의 점수가 아직 없습니다. 먼저 점수를 계산하세요."
    ),
    "Prediction {name!r} has no published scores yet. Run `predictive score {name}` first.": (
        "예측 {name!r}의 점수가 아직 없습니다. 먼저 점수를 계산하세요."
    ),
    "Prediction {name!r} is {before} and can't become {state}; it can become {following}.": (
        "예측 {name!r}의 상태 {before}에서는 {state}(으)로 바꿀 수 없습니다. 가능한 상태: "
        "{following}."
    ),
    (
        "Prediction {name!r} is {state}: its scores are not offered. Make it active first: "
        "`predictive state {name} active`."
    ): (
        "예측 {name!r}의 점수는 제공되지 않습니다({state}). 먼저 예측의 정의 페이지에서 사용을 "
        "시작하세요."
    ),
    (
        "Prediction {name!r} is archived: it is no longer trained, scored or evaluated. Bring it "
        "back first: `predictive state {name} active`."
    ): (
        "예측 {name!r}이(가) 보관되어 더 이상 학습하거나 점수를 계산하거나 평가하지 않습니다. "
        "먼저 예측의 정의 페이지에서 사용을 시작하세요."
    ),
    "a draft": "초안",
    "in preview": "미리보기",
    "archived": "보관됨",
    "Job {id!r} has {state} already.": "작업 {id!r}은(는) 이미 끝났습니다({state}).",
    "The cursor's snapshot is no longer kept. Begin the walk anew.": (
        "그 시점의 구성원은 더 이상 보관되지 않습니다. 처음부터 다시 시작하세요."
    ),
    "The scoring run of this cursor was replaced. Start again without a cursor.": (
        "그 점수는 새 점수로 바뀌었습니다. 처음부터 다시 시작하세요."
    ),
    # Definitions and segments.
    "a value; this key is required": "값(필수 항목입니다)",
    "a list": "목록",
    "a mapping of keys to values": "키와 값의 모음",
    "one of the keys {names}": "{names} 중 하나의 키",
    "a condition: a mapping with one of {names}": "조건: {names} 중 하나를 가진 항목",
    "To say none of several, write not: {any: [...]}.": (
        "여러 조건 모두 아님은 not: {any: [...]}로 쓰세요."
    ),
    "exactly one of {names}": "{names} 중 정확히 하나",
    "exactly one of all, any, not": "all, any, not 중 정확히 하나",
    "There is none.": "하나도 없습니다.",
    "one event, as did or as did_not": "이벤트 하나(did 또는 did_not)",
    "exactly alone, or at_least and at_most": "exactly만 쓰거나, at_least와 at_most",
    "at_least not above at_most": "at_most 이하의 at_least",
    "exists only of mean, min, max and last; a sum or count always exists": (
        "exists는 mean, min, max, last에만 쓸 수 있습니다. 합계와 횟수는 언제나 있습니다"
    ),
    "a comparison of the {name} with numbers": "{name} 값과 숫자의 비교",
    "either a category or a comparison of the score": "등급 또는 점수 비교 중 하나",
    "a comparison of the score with a number from 0 to 100": "점수와 0~100 사이 숫자의 비교",
    "a finite number": "유한한 숫자",
    "finite numbers": "유한한 숫자",
    "a text of 1 to {most:,} characters": "1~{most:,}자의 글",
    "a text without NUL and without lone surrogates": "NUL 문자와 깨진 문자가 없는 글",
    "a text, a finite number, true or false": "글, 유한한 숫자, true 또는 false",
    "true or false": "true 또는 false",
    "a whole number from {lowest} to {highest}": "{lowest}~{highest} 사이의 정수",
    "a whole number from {lowest} up": "{lowest} 이상의 정수",
    "a number from {lowest:g} to {highest:g}": "{lowest:g}~{highest:g} 사이의 숫자",
    "bounds with low = 0 < medium < high <= 100": "0 < medium < high <= 100인 경계값",
    "conditions on events, and backward also on attributes": (
        "이벤트 조건, 과거를 볼 때는 속성 조건도"
    ),
    "every key once in a mapping": "키마다 한 번씩만",
    "This one is twice.": "이 키가 두 번 있습니다.",
    "groups inside one another at most 10 deep": "최대 10단계까지 겹친 그룹",
    "at most {most} deep": "최대 {most}단계",
    "at most {most} conditions": "최대 {most}개의 조건",
    "events only in a target: an attribute is no outcome": (
        "타깃에는 이벤트만 쓸 수 있습니다. 속성은 결과가 아닙니다"
    ),
    "Put it into the audience.": "대상 조건에 넣으세요.",
    "no window of its own; the target's within_days holds for all its conditions": (
        "개별 기간 없음. 타깃의 기간이 모든 조건에 적용됩니다"
    ),
    "scores in segments only, not in targets and audiences": (
        "점수 조건은 세그먼트에서만 쓸 수 있습니다"
    ),
    "an event that has been imported": "가져온 적이 있는 이벤트",
    "a property that has been imported": "가져온 적이 있는 속성값",
    "an attribute that has been imported": "가져온 적이 있는 고객 속성",
    "an event, property or attribute that has been imported": "가져온 적이 있는 이벤트나 속성",
    "There is none so far: import some events.": "아직 없습니다. 이벤트를 가져오세요.",
    "There is none so far: import some events with properties.": (
        "아직 없습니다. 속성값이 있는 이벤트를 가져오세요."
    ),
    "There is none so far: import some users.": "아직 없습니다. 고객 속성을 가져오세요.",
    "a property that holds numbers, for a {name}": "숫자가 들어 있는 속성값({name})",
    "It holds values of the type {type}.": "이 속성값의 형식은 {type}입니다.",
    # History that is too short.
    "at least one event": "이벤트 하나 이상",
    "Import some: predictive import events FILE.": (
        "이벤트를 가져오세요: predictive import events FILE."
    ),
    "an audience of at least one user who was known and eligible at some snapshot": (
        "어느 시점에든 해당하는 고객이 한 명 이상인 대상"
    ),
    "Widen the audience, or check the event and attribute names in it.": (
        "대상을 넓히거나, 그 안의 이벤트와 속성 이름을 확인하세요."
    ),
    "{count} {outcome} {where}": "{where} {outcome} 고객 {count}명",
    "positives": "해당하는",
    "negatives": "해당하지 않는",
    "at least {least} users with each outcome {where}": "{where} 결과별로 고객 {least}명 이상",
    "in training": "학습에서",
    "in the newest test ({moment})": "가장 최근 시험({moment})에서",
    "Change the target or its window, widen the audience, or import more history.": (
        "타깃이나 기간을 바꾸거나, 대상을 넓히거나, 이력을 더 가져오세요."
    ),
    (
        "a window whose training needs no more history than there is: {needed} days are needed "
        "(full quality from {full}), there are {days:.1f}"
    ): (
        "있는 이력으로 학습할 수 있는 기간. 필요한 이력 {needed}일(온전한 품질은 {full}일부터), "
        "현재 {days:.1f}일"
    ),
    "Import older events or shorten the window.": "더 오래된 이벤트를 가져오거나 기간을 줄이세요.",
    (
        "a moment after the first event ({start}) and at most a day after the end of the data "
        "({end})"
    ): ("첫 이벤트({start}) 이후, 데이터의 끝({end})에서 하루 이내의 시점"),
    "an audience with at least one eligible user as of {moment}": (
        "{moment} 기준으로 해당하는 고객이 한 명 이상인 대상"
    ),
    "Widen the audience or choose another moment.": "대상을 넓히거나 다른 시점을 고르세요.",
    "a scoring run whose window has passed: this one's ends at {end}, the data at {data_end}": (
        "예측 기간이 지난 점수. 이 점수의 기간은 {end}에 끝나고, 데이터는 {data_end}까지입니다"
    ),
    "Import the events up to that moment, then evaluate again.": (
        "그 시점까지의 이벤트를 가져온 뒤 다시 평가하세요."
    ),
    (
        "a run with at least one user of each outcome: this one has {positives} positive of "
        "{users} users"
    ): ("결과별로 고객이 한 명 이상인 점수. 이 점수는 {users}명 중 {positives}명이 해당합니다"),
    "Check that the events of the target are still being imported.": (
        "타깃의 이벤트를 계속 가져오고 있는지 확인하세요."
    ),
    # Keys, and what pages ask for.
    "1 to {most} printable characters": "표시할 수 있는 문자 1~{most}자",
    "a moment to come, with a time zone": "시간대가 있는 앞으로의 시점",
    "a score from 0 to 100": "0~100 사이의 점수",
    "a number from 0 to 100": "0~100 사이의 숫자",
    "the next_cursor of a page before, unchanged": "앞 페이지의 next_cursor 그대로",
}
