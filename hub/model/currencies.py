"""Currencies: how many decimals each has, today's and the withdrawn ones that old orders still hold.

Source: ISO 4217, list one (current) and list three (historic). Data, not code: add a line when the list changes.
"""

from __future__ import annotations

_TWO = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP
COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR
IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD
NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
# Withdrawn codes with the decimals that they had.
_HISTORIC = """
ADP:0 AFA:2 ANG:2 AOK:0 AON:0 AOR:0 ARA:2 ATS:2 AYM:2 AZM:2 BAD:2 BEF:0 BGL:2 BGN:2 BOP:2 BRC:2 BRE:2 BRN:2 BRR:2
BYB:0 BYR:0 CLE:0 CSD:2 CSK:2 CUC:2 CYP:2 DDM:2 DEM:2 ECS:0 ECV:2 EEK:2 ESP:0 FIM:2 FRF:2 GEK:0 GHC:2 GNE:2 GNS:2
GRD:2 GWP:2 HRD:2 HRK:2 IEP:2 ITL:0 LTL:2 LTT:2 LUF:0 LVL:2 LVR:2 MAF:2 MGF:0 MLF:0 MRO:2 MTL:2 MXP:2 MZM:2 NLG:2
PEI:2 PLZ:2 PTE:0 ROL:2 RUR:2 RHD:2 SDD:2 SDP:2 SIT:2 SKK:2 SLL:2 SRG:2 STD:2 SUR:2 TJR:0 TMM:2 TPE:0 TRL:0 UAK:2
UGS:0 USS:2 UYP:2 VEB:2 VEF:2 XEU:2 XFU:0 YDD:3 YUD:2 YUM:2 YUN:2 ZAL:2 ZMK:2 ZRN:2 ZRZ:2 ZWD:2 ZWL:2 ZWN:2 ZWR:2
"""
_UNITLESS = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"

EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_ZERO.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}
"""Decimals of each current currency."""

HISTORIC: dict[str, int] = {code: int(places) for code, _, places in (one.partition(":") for one in _HISTORIC.split())}
"""Decimals of each withdrawn currency."""

UNITLESS = frozenset(_UNITLESS.split())
"""Codes without decimals of their own: metals, bond units, tests."""


def exponent(code: str) -> int | None:
    """Decimals of a currency (``JPY`` 0, ``EUR`` 2, ``KWD`` 3, ``CLF`` 4), also of withdrawn ones; None if the code
    is unknown or has none (metals)."""
    found = EXPONENTS.get(code)
    return HISTORIC.get(code) if found is None else found


def is_currency(code: str) -> bool:
    """Whether ``code`` is or was an ISO 4217 code."""
    return code in EXPONENTS or code in HISTORIC or code in UNITLESS
