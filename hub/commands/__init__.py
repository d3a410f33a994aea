"""The commands of ``hub``, a module a family; ``hub.cli`` imports each when it is called."""
