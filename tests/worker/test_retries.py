import pytest

from worker.egress import Answer
from worker.retries import Verdict
from worker.retries import judge

NOW_US = 1_768_219_200_000_000  # 2026-01-12T12:00:00Z
SCHEDULE = [5, 300, 1800]


@pytest.mark.parametrize(
    ("answer", "attempt", "chance", "expected"),
    [
        pytest.param(Answer(200, "ok"), 1, 0.0, Verdict("succeeded", None, NOW_US), id="ok"),
        pytest.param(Answer(500, "http_500"), 1, 0.0, Verdict("pending", NOW_US + 5_000_000, None), id="first-retry"),
        pytest.param(Answer(500, "http_500"), 1, 1.0, Verdict("pending", NOW_US + 6_000_000, None), id="most-jitter"),
        pytest.param(
            Answer(None, "timeout"), 3, 0.0, Verdict("pending", NOW_US + 1_800_000_000, None), id="last-retry"
        ),
        pytest.param(Answer(None, "timeout"), 4, 0.0, Verdict("dead", None, NOW_US), id="exhausted"),
        pytest.param(Answer(302, "http_302"), 1, 0.0, Verdict("pending", NOW_US + 5_000_000, None), id="redirect"),
        pytest.param(Answer(410, "http_410"), 1, 0.0, Verdict("dead", None, NOW_US), id="gone"),
        pytest.param(Answer(200, "timeout"), 1, 0.0, Verdict("pending", NOW_US + 5_000_000, None), id="endless-body"),
    ],
)
def test_judge_decides_when(answer: Answer, attempt: int, chance: float, expected: Verdict):
    assert judge(answer, attempt=attempt, schedule=SCHEDULE, now_us=NOW_US, chance=lambda: chance) == expected


@pytest.mark.parametrize(
    ("status", "hint", "wait_s"),
    [
        pytest.param(429, "60", 60, id="seconds"),
        pytest.param(503, "Mon, 12 Jan 2026 12:02:00 GMT", 120, id="date"),
        pytest.param(429, "1", 5, id="shorter-than-the-schedule"),
        pytest.param(429, "999999999999", 86_400, id="a-day-at-most"),
        pytest.param(429, "Fri, 31 Dec 9999 23:59:59 GMT", 86_400, id="far-date"),
        pytest.param(429, "Mon, 12 Jan 2026 11:00:00 GMT", 5, id="past-date"),
        pytest.param(429, "-5", 5, id="negative"),
        pytest.param(429, "soon", 5, id="words"),
        pytest.param(429, "²", 5, id="not-a-digit"),
        pytest.param(500, "60", 5, id="other-status"),
    ],
)
def test_judge_waits_when_asked_to(status: int, hint: str, wait_s: int):
    answer = Answer(status, f"http_{status}", {"retry-after": hint})
    verdict = judge(answer, attempt=1, schedule=SCHEDULE, now_us=NOW_US, chance=lambda: 0.0)
    assert verdict.due_us == NOW_US + wait_s * 1_000_000
