"""Fault injection: what was answered with 2xx is stored and shown once and in order, whatever breaks.

docs/reliability.md tells the promise, what this does to it, and what it does not cover.
"""
