"""Keeps settings of a shop in the store, through the client etcd3: python settings.py [HOST:PORT]

    pip install etcd3 'protobuf<3.21'
"""

import sys

import etcd3

host, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:2379").rsplit(":", 1)
prefix = "/example/python/"
store = etcd3.client(host=host, port=int(port), timeout=10)
store.delete_prefix(prefix)

# Write two keys, and read what lies under their prefix.
store.put(prefix + "currency", "EUR")
first = store.put(prefix + "items-per-page", "24").header.revision
for value, meta in store.get_prefix(prefix):
    print(meta.key.decode(), "=", value.decode())

# Change one of them only if nobody else has.
succeeded, _ = store.transaction(
    compare=[store.transactions.value(prefix + "currency") == "EUR"],
    success=[store.transactions.put(prefix + "currency", "CHF")],
    failure=[store.transactions.get(prefix + "currency")],
)
print("changed" if succeeded else "somebody else was faster")

# Watch from a revision on: what happened meanwhile comes first. What the watch gives is an endless iterator.
events, cancel = store.watch_prefix(prefix, start_revision=first + 1, prev_kv=True)
event = next(events)
cancel()
print("watched", event.key.decode(), event.prev_value.decode(), "->", event.value.decode())

# A key that goes when its lease does.
lease = store.lease(60)
store.put(prefix + "visitor", "17", lease=lease)
print("visitor before", store.get(prefix + "visitor")[0])
lease.revoke()
print("visitor after", store.get(prefix + "visitor")[0])

# What the member tells of itself.
status = store.status()
print("leader", status.leader.name, "of", len(list(store.members)), "member")
store.close()
