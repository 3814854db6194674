"""Accounts elsewhere that people sign in with."""
