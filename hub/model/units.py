"""Units of measure: UN/ECE Recommendation 20 common codes, and package codes of Recommendation 21 with ``X`` in front.

The subset that goods are traded in. A unit that is not here is kept in the document and reported, never changed.
X12 355 codes look alike and mean other things (X12 ``CA`` case is ``XCS``, Rec 21 ``XCA`` is a can): translating
is the mapping's code list, not this table.
"""

from __future__ import annotations

from decimal import Decimal

from hub.model.numbers import CONTEXT

UNITS: dict[str, str] = {
    "EA": "each", "C62": "one", "H87": "piece", "SET": "set", "PR": "pair", "NPR": "number of pairs",
    "DZN": "dozen", "GRO": "gross", "GGR": "great gross", "CEN": "hundred", "MIL": "thousand", "DPC": "dozen piece",
    "TPR": "ten pair", "DZP": "dozen pack", "P1": "percent", "KT": "kit", "NMP": "number of packs",
    "E48": "service unit",
    "LS": "lump sum", "ZZ": "mutually defined", "AS": "assortment", "RO": "roll", "ST": "sheet", "LEF": "leaf",
    "NAR": "number of articles",
    "MGM": "milligram", "GRM": "gram", "KGM": "kilogram", "TNE": "tonne", "DTN": "decitonne", "HGM": "hectogram",
    "LBR": "pound", "ONZ": "ounce", "APZ": "troy ounce", "STN": "short ton (2000 lb)", "LTN": "long ton (2240 lb)",
    "CWA": "hundred pound (US)", "GRN": "grain", "CTM": "metric carat", "STI": "stone",
    "MMT": "millimetre", "CMT": "centimetre", "DMT": "decimetre", "MTR": "metre", "KMT": "kilometre", "INH": "inch",
    "FOT": "foot", "YRD": "yard", "SMI": "mile",
    "MMK": "square millimetre", "CMK": "square centimetre", "MTK": "square metre", "HAR": "hectare",
    "INK": "square inch", "FTK": "square foot", "YDK": "square yard", "ACR": "acre",
    "MLT": "millilitre", "CLT": "centilitre", "DLT": "decilitre", "LTR": "litre", "HLT": "hectolitre",
    "MMQ": "cubic millimetre", "CMQ": "cubic centimetre", "DMQ": "cubic decimetre", "MTQ": "cubic metre",
    "INQ": "cubic inch", "FTQ": "cubic foot", "YDQ": "cubic yard", "GLL": "gallon (US)", "GLI": "gallon (UK)",
    "QT": "quart (US)", "PT": "pint (US)", "PTL": "liquid pint (US)", "QTL": "liquid quart (US)",
    "OZA": "fluid ounce (US)", "OZI": "fluid ounce (UK)", "BLL": "barrel (US petroleum)", "BUA": "bushel (US)",
    "SEC": "second", "MIN": "minute", "HUR": "hour", "DAY": "day", "WEE": "week", "MON": "month", "ANN": "year",
    "QAN": "quarter of a year", "KWH": "kilowatt hour", "MWH": "megawatt hour", "WTT": "watt", "KWT": "kilowatt",
    "JOU": "joule", "KJO": "kilojoule", "E14": "kilocalorie", "CEL": "degree Celsius", "FAH": "degree Fahrenheit",
    "LPA": "litre of pure alcohol", "ASV": "alcoholic strength by volume", "K6": "kilolitre",
    "E27": "dose", "AV": "capsule", "U2": "tablet",
    "D65": "round", "RM": "ream", "HC": "hundred count", "NIU": "number of international units",
}  # fmt: skip
"""Recommendation 20."""

PACKAGES: dict[str, str] = {
    "XAE": "aerosol", "XAM": "ampoule", "XBA": "barrel", "XBB": "bobbin", "XBC": "bottle crate", "XBE": "bundle",
    "XBG": "bag", "XBH": "bunch", "XBI": "bin", "XBJ": "bucket", "XBK": "basket", "XBL": "compressed bale",
    "XBN": "uncompressed bale", "XBO": "bottle", "XBQ": "protected bottle", "XBR": "bar", "XBT": "bolt", "XBX": "box",
    "XCA": "can, rectangular", "XCG": "cage", "XCI": "canister", "XCL": "coil", "XCN": "container", "XCR": "crate",
    "XCS": "case", "XCT": "carton", "XCU": "cup", "XCX": "can, cylindrical", "XCY": "cylinder", "XDJ": "demijohn",
    "XDN": "dispenser", "XDR": "drum", "XEN": "envelope", "XFB": "flexibag", "XFD": "framed crate", "XFI": "firkin",
    "XFO": "footlocker", "XGI": "girder", "XHG": "hogshead", "XHR": "hamper", "XIN": "ingot", "XJC": "jerrican",
    "XJG": "jug", "XJR": "jar", "XJT": "jute bag", "XKG": "keg", "XKI": "kit", "XLG": "log", "XLT": "lot",
    "XLU": "lug", "XLV": "liftvan", "XMB": "multiply bag", "XMC": "milk crate", "XMR": "receptacle, metal",
    "XMT": "mat", "XNE": "unpacked", "XNS": "nest", "XNT": "net", "XPA": "packet", "XPB": "pallet box", "XPC": "parcel",
    "XPF": "pen", "XPG": "plate", "XPH": "pitcher", "XPI": "pipe", "XPK": "package", "XPL": "pail", "XPO": "pouch",
    "XPP": "piece", "XPR": "receptacle, plastic", "XPT": "pot", "XPU": "tray", "XPX": "pallet", "XPY": "plates, bundle",
    "XRD": "rod", "XRG": "ring", "XRK": "rack", "XRL": "reel", "XRO": "roll", "XSA": "sack", "XSC": "shallow crate",
    "XSD": "spindle", "XSE": "sea chest", "XSH": "sachet", "XSK": "skeleton case", "XSL": "slip sheet",
    "XSM": "sheet metal", "XST": "sheet", "XSU": "suitcase", "XSW": "shrinkwrapped", "XSX": "set", "XSY": "sleeve",
    "XTB": "tub", "XTC": "tea chest", "XTD": "collapsible tube", "XTK": "rectangular tank", "XTN": "tin",
    "XTO": "tun", "XTR": "trunk", "XTS": "truss", "XTU": "tube", "XTV": "tube with nozzle", "XTY": "cylindrical tank",
    "XTZ": "tubes, bundle", "XUC": "uncaged", "XVA": "vat", "XVI": "vial", "XVN": "vehicle", "XVP": "vacuum-packed",
    "XVR": "bulk, granular solid", "XVY": "bulk, fine solid", "XVL": "bulk, liquid",
    "XWA": "intermediate bulk container", "XZZ": "mutually defined",
}  # fmt: skip
"""Recommendation 21."""

ALIASES: dict[str, str] = {"PCE": "H87", "PK": "XPK", "BX": "XBX", "CT": "XCT", "BG": "XBG"}
"""Codes of older revisions that EANCOM partners still send (``PCE`` left Rec 20), and what they are called today."""

_PHYSICAL: dict[str, tuple[str, str]] = {
    "MGM": ("mass", "0.000001"), "GRM": ("mass", "0.001"), "HGM": ("mass", "0.1"), "KGM": ("mass", "1"),
    "DTN": ("mass", "100"), "TNE": ("mass", "1000"), "LBR": ("mass", "0.45359237"), "ONZ": ("mass", "0.028349523125"),
    "STN": ("mass", "907.18474"), "LTN": ("mass", "1016.0469088"),
    "MMT": ("length", "0.001"), "CMT": ("length", "0.01"), "DMT": ("length", "0.1"), "MTR": ("length", "1"),
    "KMT": ("length", "1000"), "INH": ("length", "0.0254"), "FOT": ("length", "0.3048"), "YRD": ("length", "0.9144"),
    "SMI": ("length", "1609.344"), "CMK": ("area", "0.0001"), "MTK": ("area", "1"), "HAR": ("area", "10000"),
    "FTK": ("area", "0.09290304"), "YDK": ("area", "0.83612736"), "INK": ("area", "0.00064516"),
    "MLT": ("volume", "0.001"), "CLT": ("volume", "0.01"), "DLT": ("volume", "0.1"), "LTR": ("volume", "1"),
    "HLT": ("volume", "100"), "MTQ": ("volume", "1000"), "DMQ": ("volume", "1"), "CMQ": ("volume", "0.001"),
    "GLL": ("volume", "3.785411784"), "GLI": ("volume", "4.54609"), "OZA": ("volume", "0.0295735295625"),
    "EA": ("count", "1"), "C62": ("count", "1"), "H87": ("count", "1"), "PR": ("count", "2"), "DZN": ("count", "12"),
    "CEN": ("count", "100"), "GRO": ("count", "144"), "MIL": ("count", "1000"),
    "SEC": ("time", "1"), "MIN": ("time", "60"), "HUR": ("time", "3600"), "DAY": ("time", "86400"),
}  # fmt: skip
_FACTORS = {unit: (dimension, Decimal(factor)) for unit, (dimension, factor) in _PHYSICAL.items()}


def is_unit(code: str) -> bool:
    """Whether ``code`` is in the tables of this module (an alias is not: it should be translated)."""
    return code in UNITS or code in PACKAGES


def convert(value: Decimal, unit: str, to: str) -> Decimal | None:
    """``value`` of ``unit`` in units of ``to``, exactly, by physics and by counting; None if only the product knows
    (a case holds what its ``Packaging`` says).

    >>> convert(Decimal("2"), "DZN", "EA")
    Decimal('24')
    """
    if unit == to:
        return value
    known, wanted = _FACTORS.get(unit), _FACTORS.get(to)
    if known is None or wanted is None or known[0] != wanted[0]:
        return None
    return CONTEXT.divide(CONTEXT.multiply(value, known[1]), wanted[1])


def same(one: str, other: str) -> bool:
    """Whether two units count the same thing: equal, or one is exactly the other (``EA``, ``C62`` and ``H87``)."""
    return one == other or (one in _FACTORS and _FACTORS[one] == _FACTORS.get(other))
