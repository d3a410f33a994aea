"""Schedules, one file each; a file's name is its id. Every task is one call into ``hub.jobs``."""
