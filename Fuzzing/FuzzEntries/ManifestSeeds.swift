internal import Primitives

/// Manifests in the styles that people write.
enum ManifestSeeds {
  static let all: [Bytes] = texts.map { Bytes($0.utf8) }

  private static let texts = [
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web   # a comment
      namespace: shop
      labels: {app: web, "tier": 'front'}
    spec:
      replicas: 3
      paused: false
      template:
        spec:
          containers:
          - name: web
            image: "example.com/web:1.2"
            args: [--port, "8080", 0x1F, 0o17, 1_000, .5, -1e9, ~, null]
            env:
            - {name: A, value: |-
                not allowed here}
    """,
    """
    # Documents, block scalars and escapes
    ---
    kind: ConfigMap
    apiVersion: v1
    metadata: {name: settings}
    data:
      folded: >+
        one
        two

        three

      literal: |2-
          indented
        text
      escaped: "tab\\t quote\\" \\x41 \\u00e9 \\U0001F600 \\
        joined"
      'single ''quoted''': yes
      ? complex
      : value
    ...
    ---
    - 2026-11-22T10:00:00Z
    - !!str 12
    - !!binary aGVsbG8=
    """,
    """
    base: &base {a: 1, b: [x, y]}
    derived:
      <<: *base
      c: *base
    list: [*base, *base, *base]
    """,
    """
    a: &a [x, x, x, x]
    b: &b [*a, *a, *a, *a]
    c: &c [*b, *b, *b, *b]
    d: [*c, *c, *c, *c]
    """,
    """
    {"kind": "List", "apiVersion": "v1", "items": [{"a": 1.5e3, "b": -0, "c": "\\ud83d\\ude00\\n",
      "d": [true, false, null, {}, []]}, {"big": 123456789012345678901234567890}]}
    {"kind": "Second"}
    """,
  ]
}
