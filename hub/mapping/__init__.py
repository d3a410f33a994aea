"""The mapping language: one file says, for both directions, what a message means in canonical documents.

``source`` reads the YAML and lays overlays on it, ``expression`` parses one line, ``plan`` resolves every name against
grammar and canonical model, ``reading``, ``writing`` and ``trees`` turn the plan into plain Python functions,
``library`` finds, checks and keeps compiled mappings. The notation is described in ``mappings/README.md``.
"""
