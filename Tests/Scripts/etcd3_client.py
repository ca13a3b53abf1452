"""Drives a server through the client `etcd3` and prints what it answers, without what differs by chance.

Usage: etcd3_client.py PORT SNAPSHOT
"""

import queue
import sys
import threading
import time

import etcd3
import grpc
import tenacity

# The client's lock was written for an older tenacity, which called `wait` with two numbers.
retry = tenacity.retry


def retry_with_state(*values, wait, **named):
    return retry(*values, wait=lambda state: wait(state.attempt_number, state.seconds_since_start), **named)


tenacity.retry = retry_with_state

client = etcd3.client(port=int(sys.argv[1]), timeout=20)


def show(title, *values):
    print(title, *[repr(value) for value in values])


def record(pair):
    value, meta = pair
    if meta is None:
        return value
    return (meta.key, value, meta.version, meta.create_revision, meta.mod_revision, meta.lease_id != 0)


def refused(title, call):
    try:
        show(title, call())
    except grpc.RpcError as error:
        show(title, error.code().name, error.details())
    except Exception as error:  # the client's own errors, by name
        show(title, type(error).__name__)


# Keys.
show("put", client.put("a", "1").header.revision)
show("get", record(client.get("a")))
show("get missing", record(client.get("missing")))
show("put bytes", client.put(b"\x00\xff", bytes(range(256))).header.revision)
show("get bytes", record(client.get(b"\x00\xff")))
show("previous", client.put("a", "2", prev_kv=True).prev_kv.value)
show("delete", client.delete("a"), client.delete("a"))
show("delete with previous", client.delete(b"\x00\xff", prev_kv=True, return_response=True).prev_kvs[0].value[:4])
show("put if absent", client.put_if_not_exists("n", "1"), client.put_if_not_exists("n", "2"))
show("replace", client.replace("n", "1", "3"), client.replace("n", "1", "4"), client.get("n")[0])
refused("empty key", lambda: client.put("", "x"))
refused("large value", lambda: client.put("large", "v" * (2 * 1024 * 1024)))

# Ranges.
for number in range(10):
    client.put("r/%d" % number, str(9 - number))
show("prefix", [record(pair) for pair in client.get_prefix("r/")])
show("keys only", [meta.key for _, meta in client.get_prefix("r/", keys_only=True)])
show("range", [record(pair) for pair in client.get_range("r/3", "r/6")])
for target in ("key", "version", "create", "mod", "value"):
    for order in ("ascend", "descend"):
        show("sorted", target, order,
             [value for value, _ in client.get_prefix("r/", sort_order=order, sort_target=target)])
show("delete prefix", client.delete_prefix("r/").deleted, list(client.get_prefix("r/")))

# Transactions.
transactions = client.transactions
client.put("t", "x")
show("txn", client.transaction(
    compare=[transactions.value("t") == "x", transactions.version("t") > 0,
             transactions.create("t") != 0, transactions.mod("t") < 1000],
    success=[transactions.put("t", "y"), transactions.get("t"), transactions.delete("n")],
    failure=[transactions.put("t", "no")])[0])
succeeded, answers = client.transaction(
    compare=[transactions.value("t") == "x"], success=[],
    failure=[transactions.get("t"),
             transactions.txn(compare=[], success=[transactions.put("inner", "1")], failure=[])])
show("failure branch", succeeded, [[record(pair) for pair in answers[0]], len(answers)])
show("nested", record(client.get("inner")))
refused("duplicate key", lambda: client.transaction(
    compare=[], success=[transactions.put("d", "1"), transactions.put("d", "2")], failure=[]))

# Leases.
lease = client.lease(7200, lease_id=4711)
client.put("leased", "1", lease=lease)
show("lease", lease.id, lease.granted_ttl, 7190 < lease.remaining_ttl <= 7200, list(lease.keys))
show("renewed", [answer.TTL for answer in lease.refresh()])
refused("taken lease", lambda: client.lease(10, lease_id=4711))
refused("unknown lease", lambda: client.put("k", "v", lease=99))
lease.revoke()
show("revoked", record(client.get("leased")))
refused("revoked twice", lease.revoke)
short = client.lease(1)
client.put("short", "1", lease=short)
deadline = time.time() + 20
while client.get("short")[0] is not None and time.time() < deadline:
    time.sleep(0.1)
show("expired", record(client.get("short")))

# Watches.
start = client.put("w/start", "1").header.revision
events, cancel = client.watch_prefix("w/", start_revision=start, prev_kv=True)
client.put("w/a", "1")
client.put("w/a", "2")
client.delete("w/a")
client.transaction(compare=[], success=[transactions.put("w/b", "1"), transactions.put("w/c", "1")], failure=[])
for _ in range(6):
    event = next(events)
    show("event", type(event).__name__, event.key, event.value, event.prev_value, event.mod_revision - start)
cancel()
answers = queue.Queue()
watch = client.add_watch_callback("live", answers.put)
client.put("live", "now")
response = answers.get(timeout=20)
show("callback", [(type(event).__name__, event.value) for event in response.events])
client.cancel_watch(watch)
once = threading.Timer(0.3, lambda: client.put("once", "1"))
once.start()
show("watch once", client.watch_once("once", timeout=20).value)
once.join()

# Locks are keys under leases.
first = client.lock("resource", ttl=60)
second = client.lock("resource", ttl=60)
show("lock", first.acquire(timeout=5), first.is_acquired(), second.acquire(timeout=1))
show("unlock", first.release(), second.acquire(timeout=10), second.release())
with client.lock("context", ttl=60) as held:
    show("held", held.is_acquired())

# History.
revision = client.put("h", "1").header.revision
client.put("h", "2")
client.compact(revision)
refused("compacted twice", lambda: client.compact(revision))
refused("compact the future", lambda: client.compact(10 ** 9))
try:
    events, cancel = client.watch("h", start_revision=1)
    show("compacted watch", next(events))
except etcd3.exceptions.RevisionCompactedError as error:
    show("compacted watch", error.compacted_revision == revision)

# The member.
status = client.status()
show("status", status.leader.name, status.db_size > 0, status.raft_term > 0)
show("members", [(member.name, len(member.peer_urls), len(member.client_urls)) for member in client.members])
show("alarms", list(client.list_alarms()), list(client.disarm_alarm()))
client.defragment()
show("hash", client.hash() is not None)
with open(sys.argv[2], "wb") as file:
    client.snapshot(file)
    show("snapshot", file.tell() > 1000)
client.close()
