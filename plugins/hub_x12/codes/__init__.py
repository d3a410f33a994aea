"""The values that X12 allows for its coded elements, per release, and what the traded ones mean."""

from hub_x12.codes.lists import available, values
from hub_x12.codes.meanings import meaning

__all__ = ["available", "meaning", "values"]
