"""Requests to servers of other people."""
