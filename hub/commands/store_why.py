"""``hub store why``: from the price in a till back to the file that said it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hub.commands.printing import as_json, print_json, workspace_option


@click.command()
@click.argument("name", metavar="STORE")
@click.argument("product")
@click.option("--at", "moment", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Then (UTC) instead of now.")
@as_json
@workspace_option
def why(name: str, product: str, moment: datetime | None, as_json: bool, workspace: Path | None) -> None:
    """Why does STORE show this price and stock of PRODUCT (its id, number or barcode)?

    Shows the rule that chose the price, and for it and each stock the document, the file it came from, its place in the
    feed, the segment that carried it and whether the store's nodes have it. Exit status 1 where no price holds.
    """
    from hub.exchange.session import Hub
    from hub.replication import load_stores
    from hub.replication.stores import stores_of
    from hub.replication.why import why as explained

    at = moment.replace(tzinfo=UTC) if moment else datetime.now(UTC)
    with Hub.open(workspace) as hub:
        store = stores_of(load_stores(hub.workspace.stores), name)[0]
        found = explained(hub.repository, store, hub.plugins.replica_types, product, at)
    if as_json:
        print_json(found)
    else:
        for line in _tree(found):
            click.echo(line)
    if found["price"] is None:
        raise click.exceptions.Exit(1)


def _tree(found: dict[str, Any]) -> Iterator[str]:
    thing, price = found["product"], found["price"]
    yield f"{thing['name'] or thing['document']} ({thing['number']}) at {found['store']}, {found['at']}"
    if price is None:
        yield "├─ no price holds"
    else:
        yield f"├─ {price['amount']} {price.get('currency', '')}: {found['reason']}"
        yield from _origin(price, found["nodes"])
    for one in found["others"]:
        yield f"├─ not {one['amount']} ({one['id']}): {one['why']}"
    for one in found["stock"]:
        quantity = one.get("on_hand") or one.get("available") or "?"
        yield f"├─ stock {quantity} {one.get('unit', '')} at {one.get('location', '?')} as of {one.get('as_of', '?')}"
        yield from _origin(one, found["nodes"])
    yield "└─ the product itself"
    yield from _origin(thing, found["nodes"])


def _origin(one: dict[str, Any], nodes: list[dict[str, Any]]) -> Iterator[str]:
    source = one["source"]
    place = source.get("file") or source.get("exchange") or source.get("node") or "the hub itself"
    by = f" of {source['partner']}" if source.get("partner") else ""
    yield f"│    document {one['document']}, version {one['version']}, stored {one['stored_at']}"
    yield f"│    from {place}{by}" + (f", exchange {source['exchange']}" if source.get("exchange") else "")
    buckets = ", ".join(one["buckets"]) or "no bucket of this store"
    place = f"{one['position']} or before (purged)" if one["purged"] else one["position"] or "(not numbered yet)"
    yield f"│    change {place} in {buckets}"
    for segment in one["segments"]:
        digests = [segment["digest"]] if "digest" in segment else segment["snapshot"]
        kind = "segment" if "digest" in segment else "snapshot"
        yield f"│    {kind} of {segment['bucket']}: {', '.join(digests[:3])}{' …' if len(digests) > 3 else ''}"
    for node in nodes:
        has = "has it" if 0 < one["position"] <= node["position"] else "does not have it yet"
        by = one["reached"].get(node["node"])
        since = f" (by {by} at the latest)" if by else ""
        yield f"│    {node['node']} {has}{since}: at {node['position']}, last seen {node['seen_at'] or 'never'}"
