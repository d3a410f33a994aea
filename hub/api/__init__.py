"""The hub over HTTP: what stores poll, take and send. Needs the extra ``stores``; nothing else of the hub does."""
