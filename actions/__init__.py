"""Verbs: what people do. Each is one transaction, or one read."""
