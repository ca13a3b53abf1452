// Revisions, leases and members have types of their own; whoever uses the client needs their names.
@_exported public import Primitives
