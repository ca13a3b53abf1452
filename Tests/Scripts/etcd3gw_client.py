"""Drives a server through the client `etcd3gw`, over its JSON gateway, and prints what it answers, without what differs
by chance.

Usage: etcd3gw_client.py PORT
"""

import sys
import threading
import time

import etcd3gw
from etcd3gw import exceptions

client = etcd3gw.client(host="127.0.0.1", port=int(sys.argv[1]), timeout=20, api_path="/v3/")


def show(title, *values):
    print(title, *[repr(value) for value in values])


def masked(answer):
    """An answer without the identities in its header."""
    if isinstance(answer, dict):
        return {
            key: "..." if key in ("cluster_id", "member_id", "raft_term") else masked(value)
            for key, value in sorted(answer.items())
        }
    if isinstance(answer, list):
        return [masked(value) for value in answer]
    return answer


def failure(title, call, *arguments, **named):
    try:
        show(title, call(*arguments, **named))
    except exceptions.Etcd3Exception as error:
        show(title, type(error).__name__, getattr(error, "detail_text", None))


# Keys.
for number in range(5):
    show("put", client.put(f"/list/{number}", f"value {number}"))
show("get", client.get("/list/1"))
show("get with metadata", client.get("/list/1", metadata=True))
show("get nothing", client.get("/nothing"))
show("get prefix", client.get_prefix("/list/"))
for order in ["none", "ascend", "descend"]:
    for target in ["key", "version", "create", "mod", "value"]:
        show("sorted", order, target, [value for value, _ in client.get_prefix("/list/", sort_order=order, sort_target=target)])
show("get all", [record["key"] for _, record in client.get_all()])
show("create", client.create("/new", "first"), client.create("/new", "second"))
show("replace", client.replace("/new", "first", "third"), client.replace("/new", "first", "fourth"), client.get("/new"))
show("bytes", client.put(b"\x00\xff", b"\xfe\x00"), client.get(b"\x00\xff"))
show("delete", client.delete("/new"), client.delete("/new"))
show("delete prefix", client.delete_prefix("/list/"), client.get_prefix("/list/"))
show("long", client.put("/long", "x" * 1_000_000), len(client.get("/long")[0]))
failure("too long", client.put, "/long", "x" * 1_600_000)

# Transactions.
client.put("/a", "1")
key = "L2E="
show(
    "txn",
    masked(
        client.transaction(
            {
                "compare": [{"key": key, "result": "EQUAL", "target": "VALUE", "value": "MQ=="}],
                "success": [{"request_put": {"key": key, "value": "Mg=="}}, {"request_range": {"key": key}}],
                "failure": [{"request_delete_range": {"key": key}}],
            }
        )
    ),
)
failure("txn twice", client.transaction, {"success": [{"request_put": {"key": key}}, {"request_put": {"key": key}}]})

# Leases.
lease = client.lease(ttl=7200)
show("lease", client.put("/leased", "x", lease), lease.ttl() > 7000, lease.keys(), lease.refresh() > 7000)
show("revoke", lease.revoke(), client.get("/leased"))
show("gone", lease.ttl())

# Locks of the client's own.
with client.lock("held", ttl=60) as lock:
    show("lock", lock.is_acquired())
    show("second", client.lock("held", ttl=60).acquire())
show("released", client.lock("held", ttl=60).acquire())

# Watches.
events, cancel = client.watch("/watched")
threading.Timer(0.2, lambda: [client.put("/watched", "1"), client.put("/watched", "2"), client.delete("/watched")]).start()
for event in events:
    record = event["kv"]
    show("event", event.get("type"), record["key"], record.get("value"), record["version"] if "version" in record else None)
    if event.get("type") == "DELETE":
        cancel()
        break
events, cancel = client.watch_prefix("/p/")
threading.Timer(0.2, lambda: [client.put(f"/p/{number}", "x") for number in range(3)]).start()
show("prefix", [next(events)["kv"]["key"] for _ in range(3)])
cancel()
failure("nothing happens", client.watch_once, "/quiet", timeout=0.3)
threading.Timer(0.2, lambda: client.put("/once", "x")).start()
show("once", client.watch_once("/once", timeout=10)["kv"]["value"])

# The cluster.
show("members", [member["name"] for member in client.members()])
status = client.status()
show("status", sorted(key for key in status if key in ("dbSize", "header", "leader", "raftIndex", "raftTerm", "version")))
time.sleep(0.1)
