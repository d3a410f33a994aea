"""The simulator of stores: a real hub, many tills and everything that goes wrong between them, on a virtual clock."""
