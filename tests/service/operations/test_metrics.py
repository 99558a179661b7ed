"""What is counted is what `/metrics` tells."""

from __future__ import annotations

import threading
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.operations.metrics import BUCKETS, Metrics, ServiceState


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample of ours, read by Prometheus's own parser."""
    text, content_type = metrics.exposition()
    assert content_type.startswith("text/plain")
    return {
        (sample.name.removeprefix("nocontact_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if family.name.startswith("nocontact_")
    }


def test_decisions_are_counted_by_channel_decision_and_code() -> None:
    metrics = Metrics()
    metrics.decision("call", "block", ["RESTRICTED_NUMBER", "NUMBER_CLASS"], 0.0003)
    metrics.decision("call", "block", ["RESTRICTED_NUMBER"], 0.0003)
    metrics.decision("letter", "allow", [], 0.002)
    found = samples(metrics)
    assert found["decisions_total", (("channel", "call"), ("decision", "block"))] == 2
    assert found["decisions_total", (("channel", "letter"), ("decision", "allow"))] == 1
    both = (("channel", "call"), ("code", "RESTRICTED_NUMBER"), ("decision", "block"))
    assert found["reasons_total", both] == 2


@pytest.mark.parametrize(
    ("seconds", "bound"),
    [(0, "0.0001"), (0.0001, "0.0001"), (0.00011, "0.0002"), (1.0, "1.0"), (9, "+Inf")],
)
def test_latency_falls_into_the_first_bucket_that_holds_it(seconds: float, bound: str) -> None:
    metrics = Metrics()
    metrics.decision("call", "allow", [], seconds)
    found = samples(metrics)
    buckets = {
        dict(labels)["le"]: value for (name, labels), value in found.items() if name == "check_seconds_bucket"
    }
    order = [*map(str, BUCKETS), "+Inf"]
    at = order.index(bound)
    assert [buckets[le] for le in order] == [0.0] * at + [1.0] * (len(order) - at)
    assert found["check_seconds_sum", (("channel", "call"),)] == pytest.approx(seconds)
    assert found["check_seconds_count", (("channel", "call"),)] == 1


def test_sign_ins_and_refusals_are_counted() -> None:
    metrics = Metrics()
    metrics.sign_in("password", "refused")
    metrics.sign_in("password", "refused")
    metrics.refused("call", 503)
    found = samples(metrics)
    assert found["sign_ins_total", (("outcome", "refused"), ("way", "password"))] == 2
    assert found["checks_refused_total", (("channel", "call"), ("status", "503"))] == 1


def test_the_state_is_asked_at_each_scrape() -> None:
    states = [
        ServiceState(),
        ServiceState(blocklist="sha256:5f", policy="7", restrictions=12, usable=True, confirmed_seconds=3.5,
              ledger_waiting=4, ledger_failure="OperationalError", why_not="waits", ledger_wait_seconds=0.5),
    ]  # fmt: skip
    metrics = Metrics(lambda: states.pop(0))
    first, second = samples(metrics), samples(metrics)
    assert first["ledger_failed", ()] == 0
    assert ("blocklist_age_seconds", ()) not in first
    assert second["in_force_info", (("blocklist", "sha256:5f"), ("policy", "7"))] == 1
    names = ["blocklist_restrictions", "blocklist_age_seconds", "blocklist_usable", "blocklist_held_back"]
    assert [second[name, ()] for name in names] == [12, 3.5, 1, 1]
    names = ["ledger_waiting", "ledger_failed", "ledger_wait_seconds"]
    assert [second[name, ()] for name in names] == [4, 1, 0.5]


def test_no_count_is_lost_between_threads() -> None:
    metrics = Metrics()

    def count() -> None:
        for _ in range(5_000):
            metrics.decision("call", "allow", ("A",), 0.001)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert samples(metrics)["decisions_total", (("channel", "call"), ("decision", "allow"))] == 20_000


def test_counting_costs_an_answer_next_to_nothing() -> None:
    metrics, codes = Metrics(), ("RESTRICTED_NUMBER",)
    best = 1.0
    for _ in range(20):
        began = time.perf_counter()
        for _ in range(1_000):
            metrics.decision("call", "block", codes, 0.0004)
        best = min(best, (time.perf_counter() - began) / 1_000)
    assert best < 3e-6, f"{best * 1e6:.2f} µs"


def test_the_form_asked_for_is_given() -> None:
    _, content_type = Metrics().exposition("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
