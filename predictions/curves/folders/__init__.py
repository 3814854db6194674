"""Light curves of many stars: each star is searched, what was measured becomes a batch."""
