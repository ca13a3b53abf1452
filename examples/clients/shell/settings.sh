#!/bin/bash
# Keeps settings of a shop in the store, with the command line alone: keelsonctl for keys, curl for probes.
# KEELSONCTL_ENDPOINTS says where the store is; KEELSONCTL=etcdctl runs the same with etcd's own program.
set -euo pipefail
export KEELSONCTL_ENDPOINTS=${KEELSONCTL_ENDPOINTS:-127.0.0.1:2379}
export ETCDCTL_ENDPOINTS=$KEELSONCTL_ENDPOINTS
store=${KEELSONCTL:-keelsonctl}
prefix=/example/shell
"$store" del "$prefix/" --prefix >/dev/null

echo "# Write two keys, and read what lies under their prefix."
"$store" put $prefix/currency EUR
"$store" put $prefix/items-per-page 24
"$store" get $prefix/ --prefix

echo "# Change one of them only if nobody else has."
"$store" txn <<TRANSACTION
value("$prefix/currency") = "EUR"

put $prefix/currency CHF

get $prefix/currency

TRANSACTION

echo "# Read the value of before, by its revision."
revision=$("$store" get $prefix/currency -w json | sed 's/.*"mod_revision":\([0-9]*\).*/\1/')
"$store" get $prefix/currency --rev $((revision - 1)) --print-value-only

echo "# Watch from that revision on, until one change has come."
exec 3< <(exec "$store" watch $prefix/currency --rev "$revision")
watch=$!
head -n 3 <&3
kill $watch

echo "# A key that goes when its lease does."
lease=$("$store" lease grant 60 | awk '{print $2}')
"$store" put $prefix/visitor 17 --lease "$lease"
"$store" lease revoke "$lease" >/dev/null
echo "visitors: $("$store" get $prefix/visitor --count-only -w fields | awk '/Count/ {print $3}')"

echo "# Probes and metrics are plain HTTP on the same port."
curl -sS "http://$KEELSONCTL_ENDPOINTS/health"
echo
curl -sS "http://$KEELSONCTL_ENDPOINTS/readyz?verbose"
curl -sS "http://$KEELSONCTL_ENDPOINTS/metrics" | grep '^etcd_server_has_leader'
