"""A Graph API of Deskbell's own, on loopback: for `make demo` and for tests. Nothing but the standard library."""
