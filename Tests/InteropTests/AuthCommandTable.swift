/// Every command of etcdctl about users and roles, and what users may do, as both servers get them.
///
/// Left out is what etcd 3.5.1 lets pass and later releases and Keelson refuse: compaction, alarms, leases, members
/// the status and leases' keys without the permission or the login that they need, and of a watch without login the
/// reason.
enum AuthCommandTable {
  /// While nobody needs to log in.
  static let preparation: [Step] =
    [
      Step("auth status"), Step("auth status -w json"), Step("auth status -w fields"),
      Step("auth enable"), Step("auth disable"), Step("auth enable x"),
      Step("user add root:r"), Step("user add root:r"), Step("user add u:p"),
      Step("user add :p"), Step("user add"), Step("user add a b"),
      Step("user add w:p -w json"), Step("user add nop --no-password"),
      Step("user add q --new-user-password z"),
      Step("user add piped --interactive=false", input: "x\n"),
      Step("user add empty:"), Step("user add f:p -w fields"), Step("user add g:p -w table"),
      Step("role add rw"), Step("role add rw"), Step("role add"), Step("role add ''"),
      Step("role add read -w json"), Step("role add write -w fields"), Step("role add t -w table"),
      Step("role add open"), Step("role add all"), Step("role add doomed"),
      Step("role grant-permission rw readwrite /a/ --prefix"),
      Step("role grant-permission rw read k m"), Step("role grant-permission rw read m o"),
      Step("role grant-permission rw write x"), Step("role grant-permission rw readwrite x"),
      Step("role grant-permission rw write x"),
      Step("role grant-permission read read k m -w json"),
      Step("role grant-permission write write k m -w fields"),
      Step("role grant-permission open readwrite k --from-key"),
      Step("role grant-permission all readwrite '' --prefix"),
      Step("role grant-permission all read '' --from-key"),
      Step("role grant-permission doomed read z"),
      Step("role grant-permission nope read a"), Step("role grant-permission rw blah a"),
      Step("role grant-permission rw read"), Step("role grant-permission rw read a b --prefix"),
      Step("role grant-permission rw read a b --from-key"),
      Step("role grant-permission rw read a --prefix --from-key"),
      Step("role grant-permission rw read '' --prefix --from-key"),
    ]
    + Step.formats("role get rw") + Step.formats("role list") + Step.formats("user list")
    + [
      Step("role get all"), Step("role get open"), Step("role get nope"), Step("role get"),
      Step("role list x"), Step("user list x"), Step("role revoke-permission rw m o"),
      Step("role revoke-permission rw m o"), Step("role revoke-permission rw nokey"),
      Step("role revoke-permission rw k --prefix"), Step("role revoke-permission nope a"),
      Step("role revoke-permission all '' --prefix"), Step("role revoke-permission rw"),
      Step("role grant-permission all readwrite '' --prefix"),
      Step("user grant-role u rw"), Step("user grant-role u rw"), Step("user grant-role u doomed"),
      Step("user grant-role u nope"), Step("user grant-role nobody rw"), Step("user grant-role u"),
      Step("user grant-role w write -w json"), Step("user grant-role q read -w fields"),
      Step("user grant-role piped open"), Step("user grant-role f all"),
    ]
    + Step.formats("user get u")
    + [
      Step("user get u --detail"), Step("user get f --detail"), Step("user get nobody"),
      Step("user get"), Step("user revoke-role u read"), Step("user revoke-role nobody read"),
      Step("user revoke-role u"), Step("role delete doomed"), Step("role delete doomed"),
      Step("role delete"), Step("user get u -w json"), Step("user delete empty"),
      Step("user delete empty"), Step("user delete"),
      Step("user passwd u --interactive=false", input: "p2\n"),
      Step("user passwd nobody --interactive=false", input: "p2\n"), Step("user passwd"),
      Step("auth status"), Step("put k/secret 1"), Step("put /a/b 1"), Step("put x 1"),
      Step("put z 1"),
      Step("lease grant 7200", captures: "L1"), Step("put z/leased 1 --lease $L1"),
      Step("--user root:r auth status"), Step("auth enable"),
    ]

  /// While everybody does.
  static let permissions: [Step] = [
    Step("get k"), Step("put k v"), Step("del k"), Step("txn", input: "\nget k\n\n\n"),
    Step("get '' --prefix"), Step("user list"), Step("user add y:y"),
    Step("auth enable"), Step("auth disable"), Step("endpoint health"),
    Step("--user root:r auth status"), Step("--user root:r auth enable"),
    Step("--user root:bad get k"), Step("--user nobody:p get k"), Step("--user nop:p get k"),
    Step("--user u: get k"), Step("--user u:p get k"), Step("--user u --password p2 get k/secret"),
    Step("--user u:p2 get k m"), Step("--user u:p2 get k n"), Step("--user u:p2 get k --from-key"),
    Step("--user u:p2 get j l"), Step("--user u:p2 get l j"), Step("--user u:p2 get m"),
    Step("--user u:p2 get m k"), Step("--user u:p2 get /a/ --prefix"),
    Step("--user u:p2 get /a --prefix"), Step("--user u:p2 get /a/b"), Step("--user u:p2 get x"),
    Step("--user u:p2 put x 2"), Step("--user u:p2 put x 2 --prev-kv"),
    Step("--user u:p2 put k 2"), Step("--user u:p2 put /a/c 2 --prev-kv"),
    Step("--user u:p2 del x"), Step("--user u:p2 del /a/ --prefix --prev-kv"),
    Step("--user u:p2 del / --prefix"), Step("--user u:p2 put /a/d 1 --lease $L1"),
    Step("--user root:r put /a/d 1 --lease $L1"),
    Step("--user u:p2 lease revoke $L1"),
    Step("--user u:p2 txn", input: "value(\"/a/b\") = \"1\"\n\nput /a/b 3\n\nget /a/b\n\n"),
    Step("--user u:p2 txn", input: "value(\"x\") = \"1\"\n\nput /a/b 3\n\n\n"),
    Step("--user u:p2 txn", input: "\nput /a/b 3\n\nget z\n\n"),
    Step("--user u:p2 txn", input: "\ndel z\n\n\n"),
    Step("--user u:p2 txn", input: "\nget k m\nput /a/b 4\n\n\n"),
    Step("--user w:p put k 1"), Step("--user w:p get k"), Step("--user w:p del k m"),
    Step("--user w:p put k 1 --prev-kv"), Step("--user q:z get k"), Step("--user q:z put k 1"),
    Step("--user piped:x get k --from-key"), Step("--user piped:x get zzz"),
    Step("--user piped:x get a --from-key"), Step("--user piped:x put k/new 1"),
    Step("--user f:p get '' --prefix --keys-only"), Step("--user f:p put anything 1"),
    Step("--user f:p user list"), Step("--user f:p auth disable"),
    Step("--user u:p2 user get u"), Step("--user u:p2 user get root"),
    Step("--user u:p2 role get rw"), Step("--user u:p2 role get read"),
    Step("--user u:p2 role list"), Step("--user u:p2 user list"),
    Step("--user u:p2 user passwd u --interactive=false", input: "p3\n"),
    Step("--user u:p2 role add mine"), Step("--user u:p2 endpoint health"),
    Step("--user u:p2 member list"), Step("--user u:p2 watch zz", lines: 0),
    Step("--user u:p2 watch k --rev 1", lines: 9, meanwhile: [Step("--user root:r put k watched")]),
    Step(
      "--user u:p2 watch /a/w --rev 1", lines: 3,
      meanwhile: [Step("--user root:r put /a/w watched")]),
    Step("--user root:r user delete root"), Step("--user root:r user revoke-role root root"),
    Step("--user root:r role delete root"), Step("--user root:r role get root"),
    Step("--user root:r user get root"), Step("--user root:r get '' --prefix -w json"),
    Step("--user root:r user delete w"), Step("--user w:p get k"),
    Step("--user root:r user revoke-role q read"), Step("--user q:z get k"),
    Step("--user root:r role revoke-permission rw k m"), Step("--user u:p2 get k"),
    Step("--user root:r role delete open"), Step("--user piped:x get k"),
    Step("--user root:r user add w:other"), Step("--user w:p get k"), Step("--user w:other get k"),
    Step("--user root:r defrag"), Step("--user root:r snapshot save $DIR/auth.db"),
    Step("--user root:r alarm list"), Step("--user root:r compaction 5"),
  ]

  /// After a restart with users and roles.
  static let afterRestart: [Step] = [
    Step("get k"), Step("--user root:r auth status"), Step("--user root:r user list"),
    Step("--user u:p2 role get rw"), Step("--user u:p2 put /a/after 1"), Step("--user u:p2 get k"),
    Step("--user root:bad get k"), Step("--user root:r auth disable"), Step("auth status"),
    Step("get k"), Step("--user root:r get k"), Step("user delete root"), Step("auth enable"),
  ]
}
