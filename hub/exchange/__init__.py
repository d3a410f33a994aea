"""One payload's way through: receive, identify, decode, store, acknowledge, answer, route, encode, deliver."""
