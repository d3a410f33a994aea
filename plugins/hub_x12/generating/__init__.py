"""Random valid X12: values, segments, sets and whole interchanges, from the grammar alone or as a mapping reads them.

Everything is drawn from one ``random.Random``, so that a seed gives the same bytes again.
"""
