"""What a simulation found, as data and as lines: the figures of a plan, and what it took here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.simulation.day import Days

_TOLD = (
    "documents", "scope moved", "customer moved", "customer merged", "customer erased", "line is cut", "killed within",
    "sealer died", "damaged", "old", "not sealed", "changes purged", "wiped", "older disk", "reload",
)  # fmt: skip


def report(days: Days) -> dict[str, Any]:
    """All figures. What stands under ``measured`` depends on the machine; everything else on the seed alone."""
    meter, stores, plan = days.center.meter, len(days.stores), days.plan
    used = {name: round(seconds, 3) for name, seconds in sorted(meter.seconds.items())}
    whole = sum(meter.seconds[name] for name in ("poll", "upload", "seal", "sightings", "erase"))
    return {
        "stores": stores,
        "real": days.told["real"],
        "days": plan.days,
        "seed": plan.seed,
        "digest": days.digest,
        "requests": {name: meter.calls[name] for name in ("poll", "segment", "upload")},
        "bytes": dict(sorted(meter.bytes.items())),
        "bytes_sealed": days.told["sealed bytes"],
        "lag_minutes": {
            "p50": meter.lag(0.5),
            "p90": meter.lag(0.9),
            "p99": meter.lag(0.99),
            "longest": meter.lag(1.0),
        },
        "disk_bytes": days.disk,
        "sales": sum(len(one.printed) for one in days.sellers),
        "alarms": days.alarms,
        "happened": {name: days.told[name] for name in _TOLD},
        "measured": {
            "cpu_seconds": used,
            "cpu_seconds_hub": round(whole, 1),
            "cpu_ms_store": round(whole / stores * 1000, 2),
            "mean_ms": {
                name: round(meter.seconds[name] / meter.calls[name] * 1000, 3)
                for name in ("poll", "upload", "seal")
                if meter.calls[name]
            },
        },
    }


def lines(data: dict[str, Any]) -> Iterator[str]:
    """The report for people."""
    requests, sizes, lag, measured = data["requests"], data["bytes"], data["lag_minutes"], data["measured"]
    stores, days = data["stores"], data["days"]
    yield f"{stores:,} stores, {days} days, seed {data['seed']}: every till holds what it must, and each sale came once"
    yield f"history {data['digest']}: the same seed and options give the same one"
    yield ""
    yield (
        f"requests  {requests['poll']:,} polls, {requests['segment']:,} segments, {requests['upload']:,} uploads:"
        f" {sum(requests.values()) / days / 86_400:.1f} a second"
    )
    sent = sizes["manifests"] + sizes["segments"]
    yield (
        f"bytes     {_size(sent)} to the stores ({_size(sent / stores / days)} a store and day),"
        f" {_size(sizes['segments'])} of it segments, which caches may answer; {_size(sizes['uploads'])} from them"
    )
    yield (
        f"lag       half of all changes were in the tills within {lag['p50']:.0f} minutes, 90 % {lag['p90']:.0f}, 99 %"
        f" {lag['p99']:.0f}, the last {lag['longest']:.0f}"
    )
    yield f"disk      {_size(data['disk_bytes'])} at the hub at most"
    yield (
        f"processor {measured['cpu_seconds_hub']} s of the hub without HTTP, {measured['cpu_ms_store']} ms a store: "
        + ", ".join(f"{name} {ms} ms" for name, ms in measured["mean_ms"].items())
    )
    alarms = [f"{number} {name}" for name, number in data["alarms"].items() if number]
    yield f"alarms    {', '.join(alarms) or 'none'}"
    happened = [f"{name} {number:,}" for name, number in data["happened"].items() if number]
    yield f"happened  {', '.join(happened)}"


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1_000:
            return f"{count:.0f} {unit}"
        count /= 1_000
    return f"{count:.1f} GB"
