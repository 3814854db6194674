"""People's accounts: profile, tokens, invitations, and who did what.

In this app because roles are, and because it is the lowest rung that knows Django: the APIs of both
apps ask here what a token may do.
"""
