"""What wallets of payment services on the internet have in common: HTTPS with limits and certainty about what left, the
driver's frame, and the provider on a bench.

This package imports aiohttp; nothing in `edge_hub.sdk.eft` imports this package.
"""
