"""Card terminals and wallets: what the hub asks of them, and what they answer. Roles in the sense of UnifiedPOS's CAT
(Credit Authorization Terminal); "EFT terminal" is what shops call it.
"""
