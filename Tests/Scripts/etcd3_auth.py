"""Logs in through the client `etcd3` and prints what the user may do.

Usage: etcd3_auth.py PORT
"""

import sys

import etcd3
import grpc
import tenacity

# The client's lock was written for an older tenacity, which called `wait` with two numbers.
retry = tenacity.retry


def retry_with_state(*values, wait, **named):
    return retry(*values, wait=lambda state: wait(state.attempt_number, state.seconds_since_start), **named)


tenacity.retry = retry_with_state

# A newer grpcio sends no call's credentials without TLS: the token goes into the metadata instead.
plugins = []
grpc.metadata_call_credentials = plugins.append

port = int(sys.argv[1])


def login(name, password):
    client = etcd3.client(port=port, user=name, password=password, timeout=20)
    client.metadata = (("token", plugins.pop()._access_token),)
    return client


def attempt(title, call):
    try:
        print(title, repr(call()))
    except grpc.RpcError as error:
        print(title, error.code(), error.details())
    except Exception as error:
        print(title, type(error).__name__, error)


user = login("u", "p")
attempt("get own", lambda: user.get("/a/key")[0])
attempt("put own", lambda: user.put("/a/py", "1").header.revision > 0)
attempt("prefix", lambda: sorted(meta.key for _, meta in user.get_prefix("/a/")))
attempt("get other", lambda: user.get("z/secret"))
attempt("put other", lambda: user.put("z/other", "1"))
attempt("everything", lambda: list(user.get_all()))
attempt("replace", lambda: user.replace("/a/py", "1", "2"))
attempt(
    "transaction",
    lambda: user.transaction(
        compare=[user.transactions.value("/a/py") == "2"],
        success=[user.transactions.put("/a/py", "3")],
        failure=[user.transactions.get("z/secret")],
    ),
)
attempt("delete", lambda: user.delete("/a/py"))
attempt("wrong password", lambda: login("u", "no"))
attempt("nobody", lambda: etcd3.client(port=port, timeout=20).get("/a/key")[0])
root = login("root", "r")
attempt("root", lambda: root.get("z/secret")[0])
